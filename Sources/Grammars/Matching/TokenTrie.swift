package import Tokenizers

/// The tokens of a vocabulary in the order of their bytes.
///
/// The nodes of the trie lie depth first in one piece of memory, and the tokens are ordered as their
/// nodes are: those below a node are neighbours, and a subtree is left by one jump. Words, other ASCII,
/// other content of strings and all else have branches of their own, so that within a string few
/// nodes tell what becomes of most tokens.
///
/// `@unchecked Sendable`: the memory does not change after `init`.
package final class TokenTrie: @unchecked Sendable {
  /// A place in the trie: the bytes from the root to here begin the texts of the tokens below.
  struct Node {
    /// The first node after those below.
    var end: Int32
    /// Where the tokens of the node begin among the ordered ones.
    var firstToken: Int32
    /// How many bytes lead here; zero at the root.
    var depth: UInt16
    /// The last of these bytes.
    var byte: UInt8
    /// What bytes there are on the ways from here down: one bit for each group of bytes.
    var groups: ByteGroups
    /// How many bytes the longest way from here down has.
    var height: UInt16 = 0
  }

  /// The nodes, and one after the last.
  let nodes: UnsafeMutableBufferPointer<Node>
  /// A name for what is below each node: nodes of one name have the same texts below them, in nodes at
  /// the same distances.
  let kinds: [Int32]
  /// The tokens in the order of their texts.
  let order: [Int32]
  /// How many characters begin in each of the ordered tokens.
  let characters: [UInt16]
  /// The bytes of each token; nil for those that are no text.
  let texts: [[UInt8]?]
  /// The tokens that are text.
  let everyText: [UInt64]
  /// The length of the longest text.
  let longest: Int
  /// Lexemes that were used with this vocabulary.
  let lexemes = LexemeCache()
  /// Masks that lexemes have in common.
  let loops = LoopMasks()
  /// The nodes of whole plain characters, some of them above ASCII; `0..<0`, which has no root, for none.
  let wideNodes: Range<Int>

  /// How many tokens the vocabulary has.
  package var vocabularySize: Int { texts.count }

  /// Creates a trie.
  ///
  /// - Parameter texts: The bytes that each token stands for `[V]`; nil for control, unused, unknown
  ///   and padding tokens. No token is without bytes: an empty text counts as none. A text of more
  ///   than 4096 bytes is never allowed.
  package init(texts: [[UInt8]?]) {
    let usable = texts.map { text in
      text.flatMap { $0.isEmpty || $0.count > Self.longestText ? nil : $0 }
    }
    var order: [Int32] = []
    for (token, text) in usable.enumerated() where text != nil { order.append(Int32(token)) }
    let empty: [UInt8] = []
    let slices = usable.map { $0.map { Slice($0).rawValue } ?? Slice.rest.rawValue }
    order.sort { left, right in
      let (one, two) = (slices[Int(left)], slices[Int(right)])
      if one != two { return one < two }
      let (first, second) = (usable[Int(left)] ?? empty, usable[Int(right)] ?? empty)
      return first == second ? left < right : first.lexicographicallyPrecedes(second)
    }
    let borders = order.indices.dropFirst().filter {
      slices[Int(order[$0])] != slices[Int(order[$0 - 1])]
    }
    let nodes = Self.nodes(of: order.map { usable[Int($0)] ?? empty }, borders: Set(borders))
    self.nodes = .allocate(capacity: nodes.count)
    _ = self.nodes.initialize(from: nodes)
    self.order = order
    characters = order.map { token in
      UInt16((usable[Int(token)] ?? empty).reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) })
    }
    kinds = Self.kinds(of: nodes)
    let firstNode = { (slice: Slice) -> Int in
      let place = order.firstIndex { slices[Int($0)] >= slice.rawValue } ?? order.count
      return nodes.dropFirst().firstIndex { Int($0.firstToken) >= place } ?? nodes.count - 1
    }
    let wide = firstNode(.wide)..<firstNode(.rest)
    wideNodes = wide.isEmpty ? 0..<0 : wide
    var everyText = [UInt64](repeating: 0, count: (texts.count + 63) / 64)
    for token in order { everyText[Int(token >> 6)] |= 1 << UInt64(token & 63) }
    self.everyText = everyText
    self.texts = usable
    longest = usable.reduce(1) { max($0, $1?.count ?? 0) }
  }

  /// Creates the trie of a vocabulary.
  package convenience init(_ vocabulary: Vocabulary) {
    self.init(
      texts: (0..<vocabulary.count).map { token in
        switch vocabulary.kinds[token] {
        case .normal, .userDefined, .byte: Array(vocabulary.texts[token])
        case .unknown, .control, .unused: nil
        }
      })
  }

  deinit { nodes.deallocate() }

  private static let longestText = 4096

  /// Parts of a vocabulary that lexemes often treat alike.
  private enum Slice: UInt8 {
    /// Letters and digits of ASCII, maybe after a blank.
    case words
    /// Other ASCII that a JSON string holds as it is.
    case signs
    /// Other whole characters that a JSON string holds as they are.
    case wide
    case rest

    /// The part of a text.
    init(_ text: [UInt8]) {
      var (character, slice) = (CharacterState.boundary, Slice.words)
      for (place, byte) in text.enumerated() {
        switch byte {
        case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"):
          self = .rest
          return
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"):
          break
        case 0x80...: slice = .wide
        case 0x20 where place == 0: break
        default: if slice == .words { slice = .signs }
        }
        character = character.after(byte)
      }
      self = character == .boundary ? slice : .rest
    }
  }

  /// How many nodes there are, the root among them.
  var nodeCount: Int { nodes.count - 1 }

  /// The tokens below a node and at it, by their places in the order.
  func tokens(below node: Int) -> Range<Int> {
    Int(nodes[node].firstToken)..<Int(nodes[Int(nodes[node].end)].firstToken)
  }

  /// The nodes that some bytes lead to; none where no token begins with them.
  func nodes(of bytes: [UInt8]) -> [Int] {
    var found = [0]
    guard bytes.count <= longest else { return [] }
    for byte in bytes {
      var children: [Int] = []
      for node in found {
        var child = node + 1
        let end = node == 0 ? nodeCount : Int(nodes[node].end)
        while child < end {
          if nodes[child].byte == byte { children.append(child) }
          child = Int(nodes[child].end)
        }
      }
      found = children
    }
    return found
  }

  /// The nodes of texts in order; those from each border on have branches of their own.
  private static func nodes(of texts: [[UInt8]], borders: Set<Int>) -> [Node] {
    var nodes = [Node(end: 0, firstToken: 0, depth: 0, byte: 0, groups: [])]
    var path = [0]
    // Where each node of the path is within a character.
    var characters = [CharacterState.boundary]
    var previous: [UInt8] = []
    for (place, text) in texts.enumerated() {
      var shared = 0
      let isBorder = borders.contains(place)
      while !isBorder, shared < min(previous.count, text.count),
        previous[shared] == text[shared]
      {
        shared += 1
      }
      close(&path, to: shared + 1, in: &nodes)
      characters.removeSubrange((shared + 1)...)
      for position in shared..<text.count {
        let character = characters[position].after(text[position])
        characters.append(character)
        path.append(nodes.count)
        nodes.append(
          Node(
            end: 0, firstToken: Int32(place), depth: UInt16(position + 1), byte: text[position],
            groups: character == .malformed ? .malformed : []))
      }
      previous = text
    }
    close(&path, to: 0, in: &nodes)
    nodes.append(
      Node(end: Int32(nodes.count), firstToken: Int32(texts.count), depth: 0, byte: 0, groups: []))
    return nodes
  }

  private static func kinds(of nodes: [Node]) -> [Int32] {
    var (kinds, table, words) = (
      Array(repeating: Int32(0), count: nodes.count), WordTable(), [UInt32]()
    )
    _ = table.insert([])
    for node in stride(from: nodes.count - 2, through: 1, by: -1)
    where Int(nodes[node].end) > node + 1 {
      words.removeAll(keepingCapacity: true)
      var child = node + 1
      while child < Int(nodes[node].end) {
        let tokens = nodes[child + 1].firstToken - nodes[child].firstToken
        words.append(UInt32(nodes[child].byte))
        words.append(UInt32(bitPattern: tokens))
        words.append(UInt32(bitPattern: kinds[child]))
        child = Int(nodes[child].end)
      }
      kinds[node] = Int32(table.insert(words).index)
    }
    return kinds
  }

  private static func close(_ path: inout [Int], to count: Int, in nodes: inout [Node]) {
    while path.count > count {
      let node = path.removeLast()
      nodes[node].end = Int32(nodes.count)
      if let parent = path.last {
        nodes[parent].groups.formUnion(nodes[node].groups)
        nodes[parent].groups.insert(ByteGroups(of: nodes[node].byte))
        nodes[parent].height = max(nodes[parent].height, nodes[node].height + 1)
      }
    }
  }
}
