/// Reads a regular expression.
struct RegexParser {
  /// The most expressions in one.
  static let nodeLimit = 50_000
  /// The deepest nesting of groups.
  static let depthLimit = 128
  /// The most times of a repetition.
  static let countLimit = 1_000_000
  /// The most times of repetitions within one another.
  static let productLimit = 100_000
  /// The most anchors and borders of words.
  static let assertionLimit = 100

  /// The fault of one with too many expressions.
  static let tooLong = GrammarError(
    .tooComplex, "has more than \(nodeLimit) expressions")

  /// The scalars of the pattern.
  let scalars: [Unicode.Scalar]
  /// The next of them.
  var position = 0
  /// What is in force here.
  var flags: RegexSyntax.Flags
  /// The byte of the first anchor or border of a word; nil if there is none.
  private(set) var firstAssertion: Int?

  private var depth = 0
  private var nodes = 0
  private var assertions = 0

  /// What has been read, and how many times its innermost repetitions may come to be repeated.
  private struct Part {
    var node: RegexNode
    var product = 1
  }

  /// Begins at the beginning of a pattern.
  init(_ pattern: String, flags: RegexSyntax.Flags = []) {
    scalars = Array(pattern.unicodeScalars)
    self.flags = flags
  }

  /// The whole pattern.
  mutating func whole() throws(GrammarError) -> RegexNode {
    let result = try alternatives()
    if position < scalars.count { throw fault("has a ) without a (") }
    return result.node
  }

  /// The next scalar; nil at the end.
  var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  /// Goes on past a scalar if it is the next.
  mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  /// Goes on past a text if it comes next.
  mutating func skip(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard scalars[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  /// A fault at a position, by default here.
  func fault(
    _ message: String, _ kind: GrammarError.Kind = .invalid, at index: Int? = nil
  ) -> GrammarError {
    GrammarError(kind, at: .byte(byte(of: index ?? position)), message)
  }

  private func byte(of index: Int) -> Int {
    scalars[..<min(index, scalars.count)].reduce(0) { $0 + UTF8.width($1) }
  }

  private mutating func count(_ nodes: Int = 1) throws(GrammarError) {
    self.nodes += nodes
    if self.nodes > RegexParser.nodeLimit {
      throw fault("has more than \(RegexParser.nodeLimit) expressions", .tooComplex)
    }
  }

  private mutating func alternatives() throws(GrammarError) -> Part {
    var branches: [RegexNode] = []
    var product = 1
    repeat {
      let branch = try sequence()
      branches.append(branch.node)
      product = max(product, branch.product)
    } while skip("|" as Unicode.Scalar)
    return Part(node: branches.count == 1 ? branches[0] : .alternatives(branches), product: product)
  }

  private mutating func sequence() throws(GrammarError) -> Part {
    var parts: [RegexNode] = []
    var product = 1
    try count()
    while true {
      skipSpaces()
      guard let next, next != "|", next != ")" else { break }
      let part = try quantified()
      parts.append(part.node)
      product = max(product, part.product)
    }
    return Part(node: parts.count == 1 ? parts[0] : .sequence(parts), product: product)
  }

  /// In spaced expressions, goes on past blanks and comments.
  mutating func skipSpaces() {
    guard flags.contains(.isSpaced) else { return }
    while let next {
      if next == "#" {
        while let inner = self.next, inner != "\n" {
          position += 1
          _ = inner
        }
      } else if ScalarSet.blanks.contains(next.value) {
        position += 1
      } else {
        return
      }
    }
  }

  private mutating func quantified() throws(GrammarError) -> Part {
    let start = position
    var part = try atom()
    skipSpaces()
    let quantifier = position
    guard let bounds = try repetition() else { return part }
    if case .assertion = part.node, scalars[start] != "(" {
      throw fault("repeats an anchor", at: start)
    }
    try count()
    if next == "+" {
      throw fault("has a possessive repetition, which cannot be enforced", .unsupported)
    }
    _ = skip("?" as Unicode.Scalar)
    if next == "*" || next == "+" || next == "?" { throw fault("repeats a repetition") }
    try check(bounds, of: &part, at: quantifier)
    part.node = .repetition(part.node, min: bounds.min, max: bounds.max)
    return part
  }

  private func check(
    _ bounds: (min: Int, max: Int?), of part: inout Part, at index: Int
  ) throws(GrammarError) {
    if let max = bounds.max, max < bounds.min {
      throw fault("has a repetition with crossed bounds", at: index)
    }
    let times = max(bounds.max ?? bounds.min, 1)
    if times > RegexParser.countLimit {
      throw fault("repeats more than \(RegexParser.countLimit) times", .tooComplex, at: index)
    }
    let isNested = part.product > 1 && times > 1
    part.product *= times
    if isNested, part.product > RegexParser.productLimit {
      throw fault(
        "has repetitions within one another of more than \(RegexParser.productLimit) times",
        .tooComplex, at: index)
    }
  }

  /// The bounds of a repetition if one comes next.
  private mutating func repetition() throws(GrammarError) -> (min: Int, max: Int?)? {
    if skip("*" as Unicode.Scalar) { return (0, nil) }
    if skip("+" as Unicode.Scalar) { return (1, nil) }
    if skip("?" as Unicode.Scalar) { return (0, 1) }
    guard next == "{" else { return nil }
    let start = position
    position += 1
    let min = number()
    let hasComma = skip("," as Unicode.Scalar)
    let max = hasComma ? number() : min
    if skip("}" as Unicode.Scalar), min != nil || hasComma {
      guard let min else { throw fault("has a repetition without lower bound", at: start) }
      return (min, max)
    }
    position = start
    return nil
  }

  /// A decimal number if one comes next; those beyond every limit are cut down to just that.
  mutating func number() -> Int? {
    var value: Int?
    while let next, ("0"..."9").contains(next) {
      let digit = Int(next.value - 0x30)
      value = Swift.min((value ?? 0) * 10 + digit, RegexParser.countLimit + 1)
      position += 1
    }
    return value
  }

  private mutating func atom() throws(GrammarError) -> Part {
    try count()
    let start = position
    guard let scalar = next else { return Part(node: .empty) }
    position += 1
    switch scalar {
    case "(": return try group(at: start)
    case ".": return Part(node: .set(flags.contains(.dotIsAny) ? .all : .dot))
    case "^": return try assertion(.start, at: start)
    case "$": return try assertion(.end, at: start)
    case "*", "+", "?": throw fault("repeats nothing", at: start)
    case "{":
      position = start
      if try repetition() != nil { throw fault("repeats nothing", at: start) }
      position = start + 1
      return Part(node: set(ScalarSet(scalar)))
    case "[":
      let members = try characterClass(at: start)
      try count(members.ranges.count / 2)
      return Part(node: .set(members))
    case "\\":
      if let assertion = RegexParser.assertions[next ?? " "] {
        position += 1
        return try self.assertion(assertion, at: start)
      }
      let members = try escape(at: start, inClass: false)
      try count(members.ranges.count / 2)
      return Part(node: .set(members))
    default: return Part(node: set(ScalarSet(scalar)))
    }
  }

  private static let assertions: [Unicode.Scalar: RegexNode.Assertion] = [
    "b": .wordBoundary, "B": .noWordBoundary, "A": .start, "z": .end,
  ]

  /// Scalars as they are, or in either case.
  private func set(_ members: ScalarSet) -> RegexNode {
    .set(flags.contains(.ignoresCase) ? members.closedOverCase : members)
  }

  private mutating func assertion(
    _ assertion: RegexNode.Assertion, at start: Int
  ) throws(GrammarError) -> Part {
    if firstAssertion == nil { firstAssertion = byte(of: start) }
    assertions += 1
    if assertions > RegexParser.assertionLimit {
      throw fault("has more than \(RegexParser.assertionLimit) anchors", .tooComplex, at: start)
    }
    return Part(node: .assertion(assertion))
  }

  private mutating func group(at start: Int) throws(GrammarError) -> Part {
    depth += 1
    defer { depth -= 1 }
    if depth > RegexParser.depthLimit {
      throw fault("nests deeper than \(RegexParser.depthLimit) groups", .tooComplex, at: start)
    }
    let outer = flags
    defer { flags = outer }
    if skip("?" as Unicode.Scalar) { try groupHead(at: start) }
    let inner = try alternatives()
    guard skip(")" as Unicode.Scalar) else { throw fault("has a ( without a )", at: start) }
    return inner
  }
}
