extension RegexArena {
  /// Takes over an expression that `RegexCheck` has passed.
  mutating func insert(_ regex: Regex) -> Node {
    switch regex {
    case .nothing: return Self.nothing
    case .empty: return Self.empty
    case .byte(let set): return byte(set)
    case .literal(let text): return text.isEmpty ? Self.empty : literals([text])
    case .sequence(let parts):
      var result = Self.empty
      for part in parts.reversed() { result = sequence(insert(part), result) }
      return result
    case .alternatives(let parts):
      var (texts, nodes): ([[UInt8]], [Node]) = ([], [])
      for part in parts {
        if case .literal(let text) = part { texts.append(text) } else { nodes.append(insert(part)) }
      }
      if !texts.isEmpty { nodes.append(literals(texts)) }
      return alternatives(nodes)
    case .intersection(let parts):
      var nodes: [Node] = []
      for part in parts { nodes.append(insert(part)) }
      return intersection(nodes)
    case .complement(let part):
      let node = insert(part)
      return complement(node)
    case .repetition(let part, let min, let max):
      let node = insert(part)
      return repetition(node, min, max)
    }
  }

  /// Takes over an expression of another arena.
  ///
  /// - Parameter known: Expressions taken over before, by their numbers in the other arena.
  mutating func insert(_ node: Node, of other: RegexArena, known: inout [Node: Node]) -> Node {
    if node <= Self.everything { return node }
    if let copy = known[node] { return copy }
    let copy: Node
    switch other.kind(node) {
    case .nothing, .empty, .everything: copy = node
    case .byte: copy = byte(other.sets[other.part(node, 0)])
    case .literals:
      let depth = other.part(node, 3)
      let range = other.part(node, 1)..<other.part(node, 2)
      copy = literals(other.lists[other.part(node, 0)][range].map { Array($0.dropFirst(depth)) })
    case .sequence:
      var (heads, rest) = ([Node](), node)
      while other.kind(rest) == .sequence {
        heads.append(other.part(rest, 0))
        rest = other.part(rest, 1)
      }
      var result = insert(rest, of: other, known: &known)
      for head in heads.reversed() {
        result = sequence(insert(head, of: other, known: &known), result)
      }
      copy = result
    case .alternatives, .intersection:
      var parts: [Node] = []
      for part in other.parts(node) { parts.append(insert(part, of: other, known: &known)) }
      copy = other.kind(node) == .alternatives ? alternatives(parts) : intersection(parts)
    case .complement:
      let part = insert(other.part(node, 0), of: other, known: &known)
      copy = complement(part)
    case .repetition:
      let body = insert(other.part(node, 0), of: other, known: &known)
      let bound = other.part(node, 2)
      copy = repetition(body, other.part(node, 1), bound == 0 ? nil : bound - 1)
    }
    known[node] = copy
    return copy
  }
}

extension ByteClasses {
  /// Splits the classes that an expression tells apart.
  mutating func split(by regex: Regex) {
    var (sets, letters) = (Set<ByteSet>(), ByteSet())
    Self.collect(regex, &sets, &letters)
    isolate(letters)
    for set in sets.sorted(by: { $0.words < $1.words }) { split(by: set) }
  }

  private static func collect(
    _ regex: Regex, _ sets: inout Set<ByteSet>, _ letters: inout ByteSet
  ) {
    switch regex {
    case .nothing, .empty: break
    case .byte(let set): sets.insert(set)
    case .literal(let text): for byte in text { letters.insert(byte) }
    case .sequence(let parts), .alternatives(let parts), .intersection(let parts):
      for part in parts { collect(part, &sets, &letters) }
    case .complement(let part), .repetition(let part, _, _): collect(part, &sets, &letters)
    }
  }
}
