/// Regular expressions of one language and its derivatives, each different one kept once.
///
/// Expressions are numbered. Those that are equal by simple laws (order and repetition of
/// alternatives, common beginnings, neutral elements) have one number, so that the derivatives of an
/// expression are finitely many.
struct RegexArena {
  /// The number of an expression.
  typealias Node = Int

  enum Kind: UInt32 {
    case nothing, empty, everything, byte, literals, sequence, alternatives, intersection
    case complement, repetition
  }

  /// No text.
  static let nothing = 0
  /// The empty text.
  static let empty = 1
  /// Every text.
  static let everything = 2

  private(set) var table = WordTable()
  private var nullable: [Bool] = []
  private(set) var sets: [ByteSet] = []
  private var setNumbers: [ByteSet: Int] = [:]
  /// Sorted lists of different texts.
  private(set) var lists: [[[UInt8]]] = []
  /// Derivatives that were found, by expression and byte.
  var derivatives: [Int: Int32] = [:]
  /// Whether an expression may be without a text though it is not `nothing`.
  private(set) var hasBooleans = false

  /// Creates an arena with the three simplest expressions.
  init() {
    for kind in [Kind.nothing, .empty, .everything] { _ = insert(kind, [], kind != .nothing) }
  }

  /// Memory that the arena holds, about.
  var byteCount: Int {
    table.byteCount + nullable.count + 32 * sets.count + 24 * derivatives.count
  }

  /// Whether the empty text is in the language.
  func isNullable(_ node: Node) -> Bool { nullable[node] }

  /// What an expression is.
  func kind(_ node: Node) -> Kind { Kind(rawValue: table.word(node, 0)) ?? .nothing }

  /// A part of an expression.
  func part(_ node: Node, _ index: Int) -> Int { Int(table.word(node, index + 1)) }

  /// The parts of an expression.
  func parts(_ node: Node) -> [Int] { table[node].dropFirst().map(Int.init) }

  private mutating func insert(_ kind: Kind, _ parts: [Int], _ isNullable: Bool) -> Node {
    let (index, isNew) = table.insert([kind.rawValue] + parts.map { UInt32($0) })
    if isNew { nullable.append(isNullable) }
    return index
  }

  /// One byte of a set.
  mutating func byte(_ set: ByteSet) -> Node {
    if set.isEmpty { return Self.nothing }
    if let number = setNumbers[set] { return insert(.byte, [number], false) }
    setNumbers[set] = sets.count
    sets.append(set)
    return insert(.byte, [sets.count - 1], false)
  }

  /// Any of several texts.
  mutating func literals(_ texts: [[UInt8]]) -> Node {
    guard !texts.isEmpty else { return Self.nothing }
    var sorted = texts.count == 1 ? texts : texts.sorted { $0.lexicographicallyPrecedes($1) }
    if sorted.count > 1 {
      var count = 1
      for text in sorted.dropFirst() where text != sorted[count - 1] {
        sorted[count] = text
        count += 1
      }
      sorted.removeSubrange(count...)
    }
    lists.append(sorted)
    return literals(lists.count - 1, 0..<sorted.count, after: 0)
  }

  /// What follows the first `depth` bytes, which are the same, of some texts of a list.
  mutating func literals(_ list: Int, _ range: Range<Int>, after depth: Int) -> Node {
    guard !range.isEmpty else { return Self.nothing }
    let ends = lists[list][range.lowerBound].count == depth
    if ends, range.count == 1 { return Self.empty }
    return insert(.literals, [list, range.lowerBound, range.upperBound, depth], ends)
  }

  /// One after the other.
  mutating func sequence(_ head: Node, _ tail: Node) -> Node {
    if head == Self.nothing || tail == Self.nothing { return Self.nothing }
    if head == Self.empty { return tail }
    if tail == Self.empty { return head }
    if head == Self.everything, tail == head { return head }
    guard kind(head) == .sequence else {
      return insert(.sequence, [head, tail], nullable[head] && nullable[tail])
    }
    var (heads, rest) = ([part(head, 0)], part(head, 1))
    while kind(rest) == .sequence {
      heads.append(part(rest, 0))
      rest = part(rest, 1)
    }
    var result = sequence(rest, tail)
    for item in heads.reversed() { result = sequence(item, result) }
    return result
  }

  /// Every text that is not in the language.
  mutating func complement(_ node: Node) -> Node {
    switch node {
    case Self.nothing: return Self.everything
    case Self.everything: return Self.nothing
    default: break
    }
    if kind(node) == .complement { return part(node, 0) }
    hasBooleans = true
    return insert(.complement, [node], !nullable[node])
  }

  /// What is in all languages.
  mutating func intersection(_ nodes: [Node]) -> Node {
    var flat: [Node] = []
    var bytes: ByteSet?
    for node in nodes {
      switch kind(node) {
      case .nothing: return Self.nothing
      case .everything: continue
      case .intersection: flat += parts(node)
      default: flat.append(node)
      }
    }
    for node in flat where kind(node) == .byte {
      bytes = sets[part(node, 0)].intersection(bytes ?? .all)
    }
    if let bytes {
      flat.removeAll { kind($0) == .byte }
      let node = byte(bytes)
      if node == Self.nothing { return node }
      flat.append(node)
    }
    flat = sortedSet(flat)
    guard flat.count > 1 else { return flat.first ?? Self.everything }
    let isNullable = flat.allSatisfy { nullable[$0] }
    if flat.contains(Self.empty) { return isNullable ? Self.empty : Self.nothing }
    for node in flat where kind(node) == .complement && flat.contains(part(node, 0)) {
      return Self.nothing
    }
    hasBooleans = true
    return insert(.intersection, flat, isNullable)
  }

  /// Texts one after the other, a number of times within bounds.
  mutating func repetition(_ node: Node, _ min: Int, _ max: Int?) -> Node {
    if let max, max < min { return Self.nothing }
    if max == 0 { return Self.empty }
    switch node {
    case Self.nothing: return min == 0 ? Self.empty : node
    case Self.empty, Self.everything: return node
    default: break
    }
    if min == 1, max == 1 { return node }
    let min = nullable[node] ? 0 : min
    if kind(node) == .repetition, part(node, 2) == 0 {
      // Of a repetition without upper bound: the bounds multiply, and no number is left out.
      if part(node, 1) == 0 { return node }
      if part(node, 1) == 1, max == nil { return repetition(part(node, 0), min, nil) }
    }
    if min == 0, max == nil, kind(node) == .byte, sets[part(node, 0)] == .all {
      return Self.everything
    }
    return insert(.repetition, [node, min, max.map { $0 + 1 } ?? 0], min == 0)
  }

  /// Any of them.
  mutating func alternatives(_ nodes: [Node], depth: Int = 0) -> Node {
    var (flat, bytes): ([Node], ByteSet?) = ([], nil)
    for node in nodes {
      switch kind(node) {
      case .nothing: continue
      case .everything: return Self.everything
      case .alternatives: flat += parts(node)
      default: flat.append(node)
      }
    }
    if flat.count < 2 { return flat.first ?? Self.nothing }
    for node in flat where kind(node) == .byte {
      bytes = sets[part(node, 0)].union(bytes ?? ByteSet())
    }
    if let bytes {
      flat.removeAll { kind($0) == .byte }
      flat.append(byte(bytes))
    }
    flat = sortedSet(flat)
    if flat.count > 1, depth < 32 { flat = factored(flat, depth) }
    if flat.count > 1, flat[0] == Self.empty, flat.dropFirst().contains(where: { nullable[$0] }) {
      flat.removeFirst()
    }
    if flat.count < 2 { return flat.first ?? Self.nothing }
    if flat.contains(Self.everything) { return Self.everything }
    return insert(.alternatives, flat, flat.contains { nullable[$0] })
  }

  /// Joins alternatives that begin alike, and repetitions of the same.
  private mutating func factored(_ nodes: [Node], _ depth: Int) -> [Node] {
    var tails: [Node: [Node]] = [:]
    var ranges: [Node: [(min: Int, max: Int?)]] = [:]
    var result: [Node] = []
    for node in nodes {
      switch kind(node) {
      case .sequence: tails[part(node, 0), default: []].append(part(node, 1))
      case .repetition:
        let max = part(node, 2) == 0 ? nil : part(node, 2) - 1
        ranges[part(node, 0), default: []].append((part(node, 1), max))
      default: result.append(node)
      }
    }
    for (body, bounds) in ranges.sorted(by: { $0.key < $1.key }) {
      for (min, max) in Self.joined(bounds) { result.append(repetition(body, min, max)) }
    }
    for (head, tails) in tails.sorted(by: { $0.key < $1.key }) {
      let tail = tails.count == 1 ? tails[0] : alternatives(tails, depth: depth + 1)
      result.append(sequence(head, tail))
    }
    return sortedSet(result)
  }

  /// Joins bounds that touch one another.
  private static func joined(_ bounds: [(min: Int, max: Int?)]) -> [(min: Int, max: Int?)] {
    var result: [(min: Int, max: Int?)] = []
    for bound in bounds.sorted(by: { $0.min < $1.min }) {
      guard let last = result.last else {
        result.append(bound)
        continue
      }
      guard let lastMax = last.max else { break }
      if bound.min <= lastMax + 1 {
        result[result.count - 1].max = bound.max.map { Swift.max($0, lastMax) }
      } else {
        result.append(bound)
      }
    }
    return result
  }

  private func sortedSet(_ nodes: [Node]) -> [Node] {
    if nodes.count < 2 { return nodes }
    var result: [Node] = []
    for node in nodes.sorted() where node != result.last { result.append(node) }
    return result
  }
}
