/// Reads the rules of a grammar in GBNF.
struct GBNFParser {
  private var reader: NotationReader
  private var depth = 0
  /// The lines of mentions, found by going on from the last.
  private var lines = LineCounter()

  /// Begins at the beginning of a source.
  init(_ text: String) throws(GrammarError) { reader = try NotationReader(text) }

  /// All rules.
  mutating func rules(
    _ controlToken: (String) -> Int32?
  ) throws(GrammarError) -> [NotationRule] {
    var rules: [NotationRule] = []
    skipSpace()
    while reader.next != nil {
      let line = lines.line(of: reader.position, in: reader.scalars)
      let name = reader.take(while: GBNFParser.isWord)
      skipSpace()
      guard !name.isEmpty, reader.skip("::=") else { throw reader.fault("has no name with ::=") }
      skipSpace()
      let body = try alternatives(controlToken)
      rules.append(NotationRule(name: name, line: line, body: body))
      skipSpace()
    }
    return rules
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    ScalarSet.words.contains(scalar.value) || scalar == "-"
  }

  private mutating func skipSpace() {
    while let scalar = reader.next {
      if scalar == "#" {
        reader.skipLine()
      } else if scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" {
        reader.position += 1
      } else {
        return
      }
    }
  }

  private mutating func alternatives(
    _ controlToken: (String) -> Int32?
  ) throws(GrammarError) -> NotationRule.Expression {
    var branches: [NotationRule.Expression] = []
    repeat {
      skipSpace()
      branches.append(try sequence(controlToken))
    } while reader.skip("|")
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func sequence(
    _ controlToken: (String) -> Int32?
  ) throws(GrammarError) -> NotationRule.Expression {
    var parts: [NotationRule.Expression] = []
    try reader.count()
    while let scalar = reader.next, scalar != "|", scalar != ")", !beginsRule() {
      parts.append(try element(controlToken))
      skipSpace()
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  /// Whether the name of the next rule comes next.
  private func beginsRule() -> Bool {
    guard depth == 0, let scalar = reader.next, GBNFParser.isWord(scalar) else { return false }
    var ahead = self
    _ = ahead.reader.take(while: GBNFParser.isWord)
    ahead.skipSpace()
    return ahead.reader.isNext("::=")
  }

  private mutating func element(
    _ controlToken: (String) -> Int32?
  ) throws(GrammarError) -> NotationRule.Expression {
    try reader.count()
    let start = reader.position
    let base: NotationRule.Expression
    if reader.skip("!") {
      return try exclusion(controlToken, at: start)
    } else if reader.next == "<" {
      base = .token(try token(controlToken))
    } else {
      base = try text(controlToken)
    }
    return try repeated(base)
  }

  private mutating func text(
    _ controlToken: (String) -> Int32?
  ) throws(GrammarError) -> NotationRule.Expression {
    let start = reader.position
    if reader.skip("\"") { return .regular(try literal(at: start)) }
    if reader.skip("[") { return .regular(try characterClass(at: start)) }
    if reader.skip(".") { return .regular(.anyScalar) }
    if reader.skip("(") { return try group(controlToken, at: start) }
    let line = lines.line(of: start, in: reader.scalars)
    let name = reader.take(while: GBNFParser.isWord)
    if name.isEmpty { throw reader.fault("has an unexpected character", at: start) }
    return .reference(name, line: line)
  }

  private mutating func group(
    _ controlToken: (String) -> Int32?, at start: Int
  ) throws(GrammarError) -> NotationRule.Expression {
    if reader.next == "=" {
      throw reader.fault("has a look-ahead, which cannot be enforced", .unsupported, at: start)
    }
    depth += 1
    defer { depth -= 1 }
    if depth > NotationLimits.depth {
      throw reader.fault("nests deeper than \(NotationLimits.depth) groups", .tooComplex)
    }
    let inner = try alternatives(controlToken)
    guard reader.skip(")") else { throw reader.fault("has a ( without a )", at: start) }
    return inner
  }

  /// An element with the repetitions that follow it.
  private mutating func repeated(
    _ base: NotationRule.Expression
  ) throws(GrammarError) -> NotationRule.Expression {
    var result = base
    var count = 0
    while let bounds = try repetition() {
      count += 1
      if count > 8 { throw reader.fault("repeats repetitions", .tooComplex) }
      result = .repetition(result, min: bounds.min, max: bounds.max)
    }
    return result
  }

  private mutating func repetition() throws(GrammarError) -> (min: Int, max: Int?)? {
    skipSpace()
    let start = reader.position
    if reader.skip("*") { return (0, nil) }
    if reader.skip("+") { return (1, nil) }
    if reader.skip("?") { return (0, 1) }
    guard reader.skip("{") else { return nil }
    let bounds = try reader.bounds(at: start)
    guard reader.skip("}") else { throw reader.fault("has a { without a }", at: start) }
    return bounds
  }

  private mutating func literal(at start: Int) throws(GrammarError) -> Regex {
    var text = ""
    while let scalar = reader.next, scalar != "\"" {
      text.unicodeScalars.append(try character())
    }
    guard reader.skip("\"") else { throw reader.fault("has a string without an end", at: start) }
    return text.isEmpty ? .empty : Regex(text)
  }

  private mutating func characterClass(at start: Int) throws(GrammarError) -> Regex {
    let isNegated = reader.skip("^")
    var ranges: [ClosedRange<UInt32>] = []
    while let scalar = reader.next, scalar != "]" {
      let here = reader.position
      let low = try character().value
      var high = low
      if reader.next == "-", let after = reader.peek(1), after != "]" {
        reader.position += 1
        high = try character().value
      }
      guard low <= high else { throw reader.fault("has a range in the wrong order", at: here) }
      ranges.append(low...high)
    }
    guard reader.skip("]") else { throw reader.fault("has a [ without a ]", at: start) }
    if ranges.isEmpty, !isNegated { throw reader.fault("has an empty class", at: start) }
    let set = ScalarSet(ranges)
    return (isNegated ? set.inverted : set).regex
  }

  private mutating func character() throws(GrammarError) -> Unicode.Scalar {
    let start = reader.position
    guard let scalar = reader.next else { throw reader.fault("ends too early") }
    reader.position += 1
    guard scalar == "\\" else { return scalar }
    guard let letter = reader.next else { throw reader.fault("ends in a backslash") }
    reader.position += 1
    if let plain = GBNFParser.escapes[letter] { return plain }
    guard let digits = GBNFParser.digits[letter] else {
      throw reader.fault("has an unknown escape", at: start)
    }
    guard let value = reader.hexadecimal(digits), let result = Unicode.Scalar(value) else {
      throw reader.fault("has an escape of no character", at: start)
    }
    return result
  }

  private static let digits: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
  private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
    "t": "\t", "r": "\r", "n": "\n", "\\": "\\", "\"": "\"", "[": "[", "]": "]", "-": "-",
    "'": "'", "/": "/", "^": "^", "0": "\0", "b": "\u{8}", "f": "\u{C}", "v": "\u{B}",
    "a": "\u{7}", "e": "\u{1B}", "?": "?",
  ]

  /// A control token by its text or its number.
  private mutating func token(_ controlToken: (String) -> Int32?) throws(GrammarError) -> Int32 {
    let start = reader.position
    let inner = reader.take { $0 != ">" && $0 != "\n" }
    guard reader.skip(">") else { throw reader.fault("has a < without a >", at: start) }
    guard let token = controlToken(inner + ">") else {
      throw reader.fault("mentions \(inner)>, which is no control token", at: start)
    }
    return token
  }

  /// Any tokens but one: repeated without bound that is text, which no control token is part of.
  private mutating func exclusion(
    _ controlToken: (String) -> Int32?, at start: Int
  ) throws(GrammarError) -> NotationRule.Expression {
    guard reader.next == "<" else { throw reader.fault("has a ! without a token", at: start) }
    _ = try token(controlToken)
    guard let bounds = try repetition(), bounds.min <= 1, bounds.max == nil else {
      throw reader.fault(
        "counts tokens, which cannot be enforced: repeat it with * or +", .unsupported, at: start)
    }
    return .regular(.repetition(.anyScalar, min: bounds.min, max: nil))
  }
}
