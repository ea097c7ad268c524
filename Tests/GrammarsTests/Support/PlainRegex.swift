import Grammars

/// Regular languages by Brzozowski derivatives, as plainly as possible: a node for each language.
final class PlainRegex {
  private enum Node: Hashable {
    case empty
    case set(ByteSet)
    case sequence(Int, Int)
    case either([Int])
    case both([Int])
    case not(Int)
    case times(Int, Int, Int?)
  }

  private var nodes: [Node] = []
  private var numbers: [Node: Int] = [:]
  private var derivatives: [Int: Int] = [:]
  private var living: [Int: Bool] = [:]

  /// The language without texts.
  private(set) var nothing = 0
  private var empty = 0
  private var everything = 0

  /// Creates a table of languages.
  init() {
    nothing = number(.either([]))
    empty = number(.empty)
    everything = number(.not(nothing))
  }

  private func number(_ node: Node) -> Int {
    if let known = numbers[node] { return known }
    nodes.append(node)
    numbers[node] = nodes.count - 1
    return nodes.count - 1
  }

  /// The node of a language.
  func node(_ regex: Regex) -> Int {
    switch regex {
    case .nothing: nothing
    case .empty: empty
    case .byte(let set): byte(set)
    case .literal(let bytes):
      bytes.reversed().reduce(empty) { sequence(byte(ByteSet($1...$1)), $0) }
    case .sequence(let parts): parts.reversed().reduce(empty) { sequence(node($1), $0) }
    case .alternatives(let parts): either(parts.map(node))
    case .intersection(let parts): both(parts.map(node))
    case .complement(let part): not(node(part))
    case .repetition(let part, let min, let max): times(node(part), min, max)
    }
  }

  /// The node of a lexeme's language, its count included.
  func node(_ lexeme: Grammar.Lexeme) -> Int {
    guard let count = lexeme.count else { return node(lexeme.language) }
    let counted = Regex.sequence([
      .literal(count.prefix), .repetition(count.unit, min: count.min, max: count.max),
      count.suffix,
    ])
    return both([node(lexeme.language), node(counted)])
  }

  private func byte(_ set: ByteSet) -> Int { set.isEmpty ? nothing : number(.set(set)) }

  private func sequence(_ first: Int, _ second: Int) -> Int {
    if first == nothing || second == nothing { return nothing }
    if first == empty { return second }
    if second == empty { return first }
    if case .sequence(let head, let tail) = nodes[first] {
      return sequence(head, sequence(tail, second))
    }
    return number(.sequence(first, second))
  }

  private func either(_ parts: [Int]) -> Int {
    var all: Set<Int> = []
    for part in parts {
      if case .either(let inner) = nodes[part] { all.formUnion(inner) } else { all.insert(part) }
    }
    if all.contains(everything) { return everything }
    if let only = all.first, all.count == 1 { return only }
    return number(.either(all.sorted()))
  }

  private func both(_ parts: [Int]) -> Int {
    var all: Set<Int> = []
    for part in parts {
      if case .both(let inner) = nodes[part] { all.formUnion(inner) } else { all.insert(part) }
    }
    all.remove(everything)
    if all.contains(nothing) { return nothing }
    if all.isEmpty { return everything }
    if let only = all.first, all.count == 1 { return only }
    return number(.both(all.sorted()))
  }

  private func not(_ part: Int) -> Int {
    if case .not(let inner) = nodes[part] { return inner }
    return number(.not(part))
  }

  private func times(_ part: Int, _ min: Int, _ max: Int?) -> Int {
    if let max, max < min { return nothing }
    if max == 0 || part == empty { return empty }
    if part == nothing { return min == 0 ? empty : nothing }
    if min == 1, max == 1 { return part }
    if min == 0, max == nil, case .set(let set) = nodes[part], set == .all { return everything }
    return number(.times(part, min, max))
  }

  /// Whether the empty text is in a language.
  func isNullable(_ node: Int) -> Bool {
    switch nodes[node] {
    case .empty: true
    case .set: false
    case .sequence(let first, let second): isNullable(first) && isNullable(second)
    case .either(let parts): parts.contains(where: isNullable)
    case .both(let parts): parts.allSatisfy(isNullable)
    case .not(let part): !isNullable(part)
    case .times(let part, let min, _): min == 0 || isNullable(part)
    }
  }

  /// The rests of the texts that begin with a byte.
  func derivative(_ node: Int, _ byte: UInt8) -> Int {
    let key = node << 8 | Int(byte)
    if let known = derivatives[key] { return known }
    let result =
      switch nodes[node] {
      case .empty: nothing
      case .set(let set): set.contains(byte) ? empty : nothing
      case .sequence(let first, let second):
        either([
          sequence(derivative(first, byte), second),
          isNullable(first) ? derivative(second, byte) : nothing,
        ])
      case .either(let parts): either(parts.map { derivative($0, byte) })
      case .both(let parts): both(parts.map { derivative($0, byte) })
      case .not(let part): not(derivative(part, byte))
      case .times(let part, let min, let max):
        sequence(derivative(part, byte), times(part, Swift.max(min - 1, 0), max.map { $0 - 1 }))
      }
    derivatives[key] = result
    return result
  }

  /// Whether a language has a text.
  func isLive(_ node: Int) -> Bool {
    if let known = living[node] { return known }
    var parents: [Int: Int] = [node: node]
    var queue = [node]
    var next = 0
    while next < queue.count {
      let current = queue[next]
      next += 1
      if living[current] == true || isNullable(current) {
        var step = current
        while step != node {
          living[step] = true
          step = parents[step] ?? node
        }
        living[node] = true
        return true
      }
      for byte in representatives(current) {
        let follower = derivative(current, byte)
        if follower == nothing || living[follower] == false || parents[follower] != nil { continue }
        parents[follower] = current
        queue.append(follower)
      }
    }
    for dead in queue { living[dead] = false }
    return false
  }

  /// Whether a language has a text that is not empty.
  func canContinue(_ node: Int) -> Bool {
    representatives(node).contains { isLive(derivative(node, $0)) }
  }

  /// One byte of each class of bytes that a language tells apart at its beginning.
  func representatives(_ node: Int) -> [UInt8] {
    var sets: Set<ByteSet> = []
    collectHeads(node, into: &sets)
    var classes = [ByteSet.all]
    for set in sets {
      classes = classes.flatMap { [$0.intersection(set), $0.subtracting(set)] }
        .filter { !$0.isEmpty }
    }
    return classes.compactMap { one in (0...255).first(where: one.contains) }
  }

  private func collectHeads(_ node: Int, into sets: inout Set<ByteSet>) {
    switch nodes[node] {
    case .empty: break
    case .set(let set): sets.insert(set)
    case .sequence(let first, let second):
      collectHeads(first, into: &sets)
      if isNullable(first) { collectHeads(second, into: &sets) }
    case .either(let parts), .both(let parts):
      for part in parts { collectHeads(part, into: &sets) }
    case .not(let part), .times(let part, _, _): collectHeads(part, into: &sets)
    }
  }
}
