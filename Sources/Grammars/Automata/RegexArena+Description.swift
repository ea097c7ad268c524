extension RegexArena {
  /// How many words a description has at most.
  private static let longestDescription = 2_000

  /// An expression in words that are the same in every arena; nil where they are too many.
  func description(of node: Node) -> [UInt32]? {
    var words: [UInt32] = []
    return describe(node, into: &words) ? words : nil
  }

  private func describe(_ node: Node, into words: inout [UInt32]) -> Bool {
    guard words.count < Self.longestDescription else { return false }
    words.append(kind(node).rawValue)
    switch kind(node) {
    case .nothing, .empty, .everything: return true
    case .byte:
      let set = sets[part(node, 0)].words
      for word in [set.0, set.1, set.2, set.3] {
        words += [UInt32(truncatingIfNeeded: word), UInt32(truncatingIfNeeded: word >> 32)]
      }
      return true
    case .literals: return describe(literals: node, into: &words)
    case .sequence:
      return describe(part(node, 0), into: &words) && describe(part(node, 1), into: &words)
    case .complement: return describe(part(node, 0), into: &words)
    case .repetition:
      words += [UInt32(part(node, 1)), UInt32(part(node, 2))]
      return describe(part(node, 0), into: &words)
    case .alternatives, .intersection:
      // Their order is that in which an arena came to them.
      var parts: [[UInt32]] = []
      for part in self.parts(node) {
        guard let part = description(of: part) else { return false }
        parts.append(part)
      }
      words.append(UInt32(parts.count))
      for part in parts.sorted(by: { $0.lexicographicallyPrecedes($1) }) { words += part }
      return words.count < Self.longestDescription
    }
  }

  private func describe(literals node: Node, into words: inout [UInt32]) -> Bool {
    let (range, depth) = (part(node, 1)..<part(node, 2), part(node, 3))
    words.append(UInt32(range.count))
    for text in lists[part(node, 0)][range] {
      guard words.count + text.count < Self.longestDescription else { return false }
      words.append(UInt32(text.count - depth))
      words += text.dropFirst(depth).map { UInt32($0) }
    }
    return true
  }
}
