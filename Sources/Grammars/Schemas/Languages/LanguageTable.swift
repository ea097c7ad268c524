/// Answers questions about regular languages while a schema is compiled, within a budget of steps.
///
/// Each language is a node; a step is one derivative by a byte.
struct LanguageTable {
  /// The budget was spent.
  struct Exhausted: Error {}

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
  private var nullable: [Bool] = []
  private var numbers: [Node: Int] = [:]
  private var followers: [Int: [(bytes: ByteSet, node: Int)]] = [:]
  private var derivatives: [Int: Int] = [:]
  private var emptiness: [Int: Bool] = [:]
  private var stepsLeft: Int
  private var nothing = 0
  private var empty = 0
  private var everything = 0

  /// Creates a table.
  init(steps: Int = 2_000_000) {
    stepsLeft = steps
    nothing = number(.either([]))
    empty = number(.empty)
    everything = number(.not(nothing))
  }

  private mutating func number(_ node: Node) -> Int {
    if let known = numbers[node] { return known }
    let isNullable =
      switch node {
      case .empty: true
      case .set: false
      case .sequence(let first, let second): nullable[first] && nullable[second]
      case .either(let parts): parts.contains { nullable[$0] }
      case .both(let parts): parts.allSatisfy { nullable[$0] }
      case .not(let part): !nullable[part]
      case .times(let part, let min, _): min == 0 || nullable[part]
      }
    nodes.append(node)
    nullable.append(isNullable)
    numbers[node] = nodes.count - 1
    return nodes.count - 1
  }

  private mutating func spend(_ steps: Int = 1) throws(Exhausted) {
    stepsLeft -= steps
    if stepsLeft < 0 { throw Exhausted() }
  }

  /// The node of a language followed by another.
  private mutating func node(_ regex: Regex, then rest: Int? = nil) throws(Exhausted) -> Int {
    let rest = rest ?? empty
    try spend()
    switch regex {
    case .nothing: return nothing
    case .empty: return rest
    case .byte(let set): return set.isEmpty ? nothing : sequence(number(.set(set)), rest)
    case .literal(let bytes):
      try spend(bytes.count)
      var result = rest
      for byte in bytes.reversed() {
        result = sequence(number(.set(ByteSet(byte...byte))), result)
      }
      return result
    case .sequence(let parts):
      var result = rest
      for part in parts.reversed() { result = try node(part, then: result) }
      return result
    case .alternatives(let parts): return sequence(either(try list(parts)), rest)
    case .intersection(let parts): return sequence(both(try list(parts)), rest)
    case .complement(let part): return sequence(not(try node(part)), rest)
    case .repetition(let part, let min, let max):
      return sequence(times(try node(part), min, max), rest)
    }
  }

  private mutating func list(_ parts: [Regex]) throws(Exhausted) -> [Int] {
    var result: [Int] = []
    for part in parts { result.append(try node(part)) }
    return result
  }

  private mutating func sequence(_ first: Int, _ second: Int) -> Int {
    if first == nothing || second == nothing { return nothing }
    if first == empty { return second }
    if second == empty { return first }
    if case .sequence(let head, let tail) = nodes[first] {
      return number(.sequence(head, sequence(tail, second)))
    }
    return number(.sequence(first, second))
  }

  private mutating func either(_ parts: [Int]) -> Int {
    var all: Set<Int> = []
    for part in parts {
      if case .either(let inner) = nodes[part] { all.formUnion(inner) } else { all.insert(part) }
    }
    if all.contains(everything) { return everything }
    if all.count == 1, let only = all.first { return only }
    return number(.either(all.sorted()))
  }

  private mutating func both(_ parts: [Int]) -> Int {
    var all: Set<Int> = []
    for part in parts {
      if case .both(let inner) = nodes[part] { all.formUnion(inner) } else { all.insert(part) }
    }
    all.remove(everything)
    if all.contains(nothing) { return nothing }
    if all.isEmpty { return everything }
    if all.count == 1, let only = all.first { return only }
    return number(.both(all.sorted()))
  }

  private mutating func not(_ part: Int) -> Int {
    if case .not(let inner) = nodes[part] { return inner }
    return number(.not(part))
  }

  private mutating func times(_ part: Int, _ min: Int, _ max: Int?) -> Int {
    if let max, max < min { return nothing }
    if max == 0 || part == empty { return empty }
    if part == nothing { return min == 0 ? empty : nothing }
    if min == 1, max == 1 { return part }
    if min == 0, max == nil, case .set(let set) = nodes[part], set == .all { return everything }
    return number(.times(part, min, max))
  }

  private mutating func derivative(_ node: Int, _ byte: UInt8) throws(Exhausted) -> Int {
    let key = node << 8 | Int(byte)
    if let known = derivatives[key] { return known }
    try spend()
    let result: Int
    switch nodes[node] {
    case .empty: result = nothing
    case .set(let set): result = set.contains(byte) ? empty : nothing
    case .sequence(let first, let second):
      let head = sequence(try derivative(first, byte), second)
      result = nullable[first] ? either([head, try derivative(second, byte)]) : head
    case .either(let parts): result = either(try derivatives(parts, byte))
    case .both(let parts): result = both(try derivatives(parts, byte))
    case .not(let part): result = not(try derivative(part, byte))
    case .times(let part, let min, let max):
      let rest = times(part, Swift.max(min - 1, 0), max.map { $0 - 1 })
      result = sequence(try derivative(part, byte), rest)
    }
    derivatives[key] = result
    return result
  }

  private mutating func derivatives(_ parts: [Int], _ byte: UInt8) throws(Exhausted) -> [Int] {
    var result: [Int] = []
    for part in parts { result.append(try derivative(part, byte)) }
    return result
  }

  /// The classes of bytes that a language tells apart, each with what follows.
  private mutating func follow(_ node: Int) throws(Exhausted) -> [(bytes: ByteSet, node: Int)] {
    if let known = followers[node] { return known }
    var heads: Set<ByteSet> = []
    collectHeads(node, into: &heads)
    var classes = [ByteSet.all]
    for head in heads where head != .all {
      try spend(classes.count)
      classes = classes.flatMap { [$0.intersection(head), $0.subtracting(head)] }
        .filter { !$0.isEmpty }
    }
    var result: [(bytes: ByteSet, node: Int)] = []
    for bytes in classes {
      guard let first = (UInt8.min...UInt8.max).first(where: bytes.contains) else { continue }
      let next = try derivative(node, first)
      if next != nothing { result.append((bytes, next)) }
    }
    followers[node] = result
    return result
  }

  private func collectHeads(_ node: Int, into heads: inout Set<ByteSet>) {
    switch nodes[node] {
    case .empty: break
    case .set(let set): heads.insert(set)
    case .sequence(let first, let second):
      collectHeads(first, into: &heads)
      if nullable[first] { collectHeads(second, into: &heads) }
    case .either(let parts), .both(let parts):
      for part in parts { collectHeads(part, into: &heads) }
    case .not(let part), .times(let part, _, _): collectHeads(part, into: &heads)
    }
  }

  private mutating func isEmpty(_ start: Int) throws(Exhausted) -> Bool {
    if let known = emptiness[start] { return known }
    // The shortest text is found first, so that counted languages need few steps.
    var seen: Set<Int> = [start]
    var queue = [start]
    var position = 0
    while position < queue.count {
      let node = queue[position]
      position += 1
      if nullable[node] || emptiness[node] == false {
        emptiness[start] = false
        return false
      }
      for next in try follow(node) where emptiness[next.node] != true {
        if seen.insert(next.node).inserted { queue.append(next.node) }
      }
    }
    for node in seen { emptiness[node] = true }
    return true
  }
}

extension LanguageTable {
  /// Whether a language has no text.
  mutating func isEmpty(_ regex: Regex) throws(Exhausted) -> Bool {
    regex.hasTextPlainly ? false : try isEmpty(try node(regex))
  }

  /// Whether a text is in a language.
  mutating func contains(_ regex: Regex, _ text: some Sequence<UInt8>) throws(Exhausted) -> Bool {
    var current = try node(regex)
    for byte in text {
      current = try derivative(current, byte)
      if current == nothing { return false }
    }
    return nullable[current]
  }

  /// The texts of a language; nil where they are more than a limit, or longer than 1,000 bytes.
  mutating func texts(_ regex: Regex, atMost limit: Int) throws(Exhausted) -> [[UInt8]]? {
    var result: [[UInt8]] = []
    var stack: [(node: Int, text: [UInt8])] = [(try node(regex), [])]
    while let (node, text) = stack.popLast() {
      if text.count > 1000 || result.count + stack.count > limit { return nil }
      if nullable[node] { result.append(text) }
      for next in try follow(node) where !(try isEmpty(next.node)) {
        if next.bytes.count > limit { return nil }
        for byte in UInt8.min...UInt8.max where next.bytes.contains(byte) {
          stack.append((next.node, text + [byte]))
        }
      }
    }
    return result.count > limit ? nil : result
  }

  /// Whether a text that was begun can always be ended in endlessly many ways, or is ended.
  ///
  /// Where it can, no number of forbidden texts leaves a text without an end.
  mutating func alwaysHasAnotherEnd(_ regex: Regex) throws(Exhausted) -> Bool {
    let start = try node(regex)
    var order: [Int] = [start]
    var next = 0
    var edges: [Int: [Int]] = [:]
    var seen: Set<Int> = [start]
    while next < order.count {
      let current = order[next]
      next += 1
      var live: [Int] = []
      for follower in try follow(current) where !(try isEmpty(follower.node)) {
        live.append(follower.node)
        if seen.insert(follower.node).inserted { order.append(follower.node) }
      }
      edges[current] = live
    }
    // A state has endlessly many texts if a cycle can be reached; take away what has none.
    var finite: Set<Int> = []
    var changed = true
    while changed {
      changed = false
      for node in order where !finite.contains(node) {
        try spend()
        if (edges[node] ?? []).allSatisfy(finite.contains) {
          finite.insert(node)
          changed = true
        }
      }
    }
    return order.allSatisfy { !finite.contains($0) || (edges[$0] ?? []).isEmpty }
  }

  /// A language as an automaton whose states are all alive, the first one first; nil where it has
  /// more states than a limit.
  mutating func automaton(_ regex: Regex, atMost limit: Int) throws(Exhausted) -> [State]? {
    var numbers: [Int: Int] = [:]
    var order = [try node(regex)]
    numbers[order[0]] = 0
    var states: [State] = []
    while states.count < order.count {
      var state = State(isFinal: nullable[order[states.count]])
      for next in try follow(order[states.count]) where !(try isEmpty(next.node)) {
        let target = numbers[next.node] ?? order.count
        if target == order.count {
          if target >= limit { return nil }
          order.append(next.node)
          numbers[next.node] = target
        }
        state.edges.append((next.bytes, target))
      }
      states.append(state)
    }
    return states
  }

  /// A state of an automaton.
  struct State {
    /// Whether a text may end here.
    var isFinal: Bool
    /// Where each byte leads.
    var edges: [(bytes: ByteSet, target: Int)] = []
  }
}

extension Regex {
  /// Whether the language has a text because no part of it takes any away.
  fileprivate var hasTextPlainly: Bool {
    switch self {
    case .nothing, .intersection, .complement: false
    case .empty, .literal: true
    case .byte(let set): !set.isEmpty
    case .sequence(let parts): parts.allSatisfy(\.hasTextPlainly)
    case .alternatives(let parts): parts.contains(where: \.hasTextPlainly)
    case .repetition(let part, let min, let max):
      max.map { min <= $0 } ?? true && (min == 0 || part.hasTextPlainly)
    }
  }
}
