/// Rewrites a regular expression so that it says the same without assertions.
///
/// What a node matches depends on what is beside its text: the border of the whole text, or a scalar of a class.
/// Sequences are split by the class of the scalar at each place where a part asks for it.
struct AssertionResolver {
  /// What is beside a position.
  private enum Side: Hashable {
    /// The border of the whole text.
    case border
    /// A scalar of a class, by its index.
    case scalar(Int)
  }

  /// A node between two sides.
  private struct Place: Hashable {
    var node: RegexNode
    var left: Side
    var right: Side
  }

  /// The most nodes of a result.
  static let limit = 50_000
  /// The most times that something with assertions is written out for a repetition.
  private static let copies = 8

  /// The classes of scalars that assertions tell apart: all, or those of words and the others.
  private let classes: [ScalarSet]
  private var known: [Place: RegexNode] = [:]

  /// Prepares for the assertions that a node has.
  private init(_ node: RegexNode) {
    classes = node.asksForWords ? [.words, ScalarSet.words.inverted] : [.all]
  }

  /// A node for whole texts with the same meaning and no assertions.
  static func resolve(_ node: RegexNode) throws(GrammarError) -> RegexNode {
    guard node.hasAssertions else { return node }
    var resolver = AssertionResolver(node)
    return try resolver.resolved(node, .border, .border)
  }

  /// The texts of a node between two sides.
  private mutating func resolved(
    _ node: RegexNode, _ left: Side, _ right: Side
  ) throws(GrammarError) -> RegexNode {
    guard node.hasAssertions else { return node }
    let place = Place(node: node, left: left, right: right)
    if let known = known[place] { return known }
    let result = try rewritten(node, left, right)
    if result.size > AssertionResolver.limit { throw AssertionResolver.tooMany }
    known[place] = result
    return result
  }

  private mutating func rewritten(
    _ node: RegexNode, _ left: Side, _ right: Side
  ) throws(GrammarError) -> RegexNode {
    switch node {
    case .set: return node
    case .assertion(let assertion):
      return holds(assertion, left, right) ? .empty : .nothing
    case .alternatives(let branches):
      var result: [RegexNode] = []
      for branch in branches { result.append(try resolved(branch, left, right)) }
      return .any(result)
    case .sequence(let parts):
      return try sequence(RegexNode.gathered(parts), left, right)
    case .repetition(let body, let min, let max):
      if min <= 1, max == nil, classes.count == 1 {
        return try repetition(body, isOptional: min == 0, left, right)
      }
      return try resolved(try written(body, min, max), left, right)
    }
  }

  private func holds(_ assertion: RegexNode.Assertion, _ left: Side, _ right: Side) -> Bool {
    switch assertion {
    case .start: left == .border
    case .end: right == .border
    case .wordBoundary: (left == .scalar(0)) != (right == .scalar(0))
    case .noWordBoundary: (left == .scalar(0)) == (right == .scalar(0))
    }
  }

  /// The texts of a sequence, found from its end to its beginning: for each side on the left, what the rest
  /// matches.
  private mutating func sequence(
    _ parts: [RegexNode], _ left: Side, _ right: Side
  ) throws(GrammarError) -> RegexNode {
    let lefts = [Side.border] + classes.indices.map { Side.scalar($0) }
    var rest: [Side: RegexNode] = [:]
    for side in lefts { rest[side] = .empty }
    var restAsks = false
    for part in parts.reversed() {
      var longer: [Side: RegexNode] = [:]
      for side in lefts {
        longer[side] = try joined(part, side, right, rest, restAsks: restAsks)
      }
      restAsks = part.asksLeft || (restAsks && part.mayBeEmpty)
      rest = longer
    }
    return rest[left] ?? .nothing
  }

  /// The texts of a part with those of the rest after it. Each sees the nearest scalar of the other, or where
  /// the other's text is empty what is beyond it.
  private mutating func joined(
    _ part: RegexNode, _ left: Side, _ right: Side, _ rest: [Side: RegexNode], restAsks: Bool
  ) throws(GrammarError) -> RegexNode {
    var branches: [RegexNode] = []
    for after in cuts(part.asksRight) {
      let whole = try resolved(part, left, after.side(right))
      for before in cuts(restAsks) {
        var tail = rest[before.side(left)] ?? .nothing
        switch after {
        case .whole: break
        case .empty: tail = tail.isNullable ? .empty : .nothing
        case .scalar(let index): tail = try tail.nonempty(beginningWith: classes[index])
        }
        var head = whole
        switch before {
        case .whole: break
        case .empty: head = whole.isNullable ? .empty : .nothing
        case .scalar(let index): head = try whole.nonempty(endingIn: classes[index])
        }
        branches.append(.joined([head, tail]))
      }
    }
    let result = RegexNode.any(branches)
    if result.size > AssertionResolver.limit { throw AssertionResolver.tooMany }
    return result
  }

  /// Which texts of a neighbour are looked at together.
  private enum Cut {
    /// All.
    case whole
    /// The empty one.
    case empty
    /// Those whose nearest scalar is of a class.
    case scalar(Int)

    /// What is beside a position if the neighbour has such a text, given what is beyond the neighbour.
    func side(_ beyond: Side) -> Side {
      if case .scalar(let index) = self { .scalar(index) } else { beyond }
    }
  }

  private func cuts(_ isAsked: Bool) -> [Cut] {
    isAsked ? [.empty] + classes.indices.map { .scalar($0) } : [.whole]
  }

  /// Any number of texts of a node, which all scalars are alike to: the first and the last text may be at a
  /// border, those between are not.
  private mutating func repetition(
    _ body: RegexNode, isOptional: Bool, _ left: Side, _ right: Side
  ) throws(GrammarError) -> RegexNode {
    let inside = Side.scalar(0)
    let one = try resolved(body, left, right)
    let first = try resolved(body, left, inside).nonempty(endingIn: .all)
    let middle = try resolved(body, inside, inside).nonempty(endingIn: .all)
    let last = try resolved(body, inside, right).nonempty(endingIn: .all)
    let several = RegexNode.joined([first, .repetition(middle, min: 0, max: nil), last])
    return .any([one, several] + (isOptional ? [.empty] : []))
  }

  /// A repetition without counts.
  private func written(
    _ body: RegexNode, _ min: Int, _ max: Int?
  ) throws(GrammarError) -> RegexNode {
    let copies = AssertionResolver.copies
    guard min <= copies, max ?? copies <= copies, max != nil || classes.count == 1 else {
      throw GrammarError(.unsupported, "has an anchor in a repetition, which cannot be enforced")
    }
    var optional = RegexNode.empty
    if let max {
      for _ in min..<Swift.max(min, max) { optional = .any([.empty, .joined([body, optional])]) }
    } else {
      optional = .repetition(body, min: 0, max: nil)
    }
    return .joined(Array(repeating: body, count: min) + [optional])
  }

  private static let tooMany = GrammarError(.tooComplex, "has anchors in too many combinations")
}
