/// A regular expression over scalars as it was written, with its assertions still in it.
indirect enum RegexNode: Hashable, Sendable {
  /// One scalar of a set.
  case set(ScalarSet)
  /// One after the other; the empty text where there is none.
  case sequence([RegexNode])
  /// Any of them; nothing where there is none.
  case alternatives([RegexNode])
  /// A number of times within bounds.
  case repetition(RegexNode, min: Int, max: Int?)
  /// A condition on what is beside a position.
  case assertion(Assertion)

  /// A condition on what is beside a position.
  enum Assertion: Hashable, Sendable {
    /// The text begins here.
    case start
    /// The text ends here.
    case end
    /// A word begins or ends here.
    case wordBoundary
    /// No word begins or ends here.
    case noWordBoundary
  }

  /// The empty text.
  static let empty = RegexNode.sequence([])
  /// No text.
  static let nothing = RegexNode.alternatives([])
  /// Any number of any scalars.
  static let anyText = RegexNode.repetition(.set(.all), min: 0, max: nil)

  /// Whether it is the node without any text; others may have none either.
  var isNothing: Bool { self == .nothing }

  /// Whether the empty text is in the language of a node without assertions.
  var isNullable: Bool {
    switch self {
    case .set, .assertion: false
    case .sequence(let parts): parts.allSatisfy(\.isNullable)
    case .alternatives(let branches): branches.contains(where: \.isNullable)
    case .repetition(let body, let min, _): min == 0 || body.isNullable
    }
  }

  /// Whether an assertion is somewhere in the node.
  var hasAssertions: Bool {
    switch self {
    case .set: false
    case .assertion: true
    case .sequence(let parts), .alternatives(let parts): parts.contains(where: \.hasAssertions)
    case .repetition(let body, _, _): body.hasAssertions
    }
  }

  /// How many nodes there are in it, ranges of sets included.
  var size: Int {
    switch self {
    case .set(let set): 1 + set.ranges.count / 2
    case .assertion: 1
    case .sequence(let parts), .alternatives(let parts):
      parts.reduce(1) { $0 + $1.size }
    case .repetition(let body, _, _): 1 + body.size
    }
  }

  /// Nodes one after the other, without needless nesting.
  static func joined(_ parts: [RegexNode]) -> RegexNode {
    var flat: [RegexNode] = []
    for part in parts {
      if part.isNothing { return .nothing }
      if case .sequence(let inner) = part { flat += inner } else { flat.append(part) }
    }
    return flat.count == 1 ? flat[0] : .sequence(flat)
  }

  /// Any of the nodes, without needless nesting; alternatives that are sets are one set.
  static func any(_ branches: [RegexNode]) -> RegexNode {
    var flat: [RegexNode] = []
    for branch in branches {
      if case .alternatives(let inner) = branch {
        flat += inner
      } else {
        flat.append(branch)
      }
    }
    var seen: Set<RegexNode> = []
    flat = flat.filter { seen.insert($0).inserted }
    return flat.count == 1 ? flat[0] : .alternatives(flat)
  }
}

extension RegexNode {
  /// The regular language over bytes; assertions must have been resolved.
  var regex: Regex {
    var sets: [ScalarSet: Regex] = [:]
    return regex(sets: &sets)
  }

  private func regex(sets: inout [ScalarSet: Regex]) -> Regex {
    switch self {
    case .set(let set):
      if let known = sets[set] { return known }
      let language = set.language
      sets[set] = language
      return language
    case .assertion: return .nothing
    case .sequence(let parts):
      var languages: [Regex] = []
      for part in parts { languages.append(part.regex(sets: &sets)) }
      return .joined(languages)
    case .alternatives(let branches):
      var languages: [Regex] = []
      for branch in branches { languages.append(branch.regex(sets: &sets)) }
      return .any(languages)
    case .repetition(let body, let min, let max):
      return body.regex(sets: &sets).repeated(min, max)
    }
  }
}

extension ScalarSet {
  /// The set as a language; one scalar is a literal.
  fileprivate var language: Regex {
    if ranges.count == 1, ranges[0].count == 1, let scalar = Unicode.Scalar(ranges[0].lowerBound) {
      return Regex(String(Character(scalar)))
    }
    return regex
  }
}
