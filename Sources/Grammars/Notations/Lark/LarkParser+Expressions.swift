import JSON

extension LarkParser {
  /// Alternatives up to the end of the statement or of the group.
  mutating func alternatives() throws(GrammarError) -> NotationRule.Expression {
    var branches: [NotationRule.Expression] = []
    repeat {
      branches.append(try conjunction())
    } while skipMark("|")
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  /// Goes on past a mark that may begin the next line.
  private mutating func skipMark(_ mark: String) -> Bool {
    let here = reader.position
    skipSpace()
    if reader.skip(mark) { return true }
    reader.position = here
    return false
  }

  private mutating func conjunction() throws(GrammarError) -> NotationRule.Expression {
    var parts: [NotationRule.Expression] = []
    repeat {
      parts.append(try sequence())
    } while skipMark("&")
    return parts.count == 1 ? parts[0] : .intersection(parts)
  }

  private mutating func sequence() throws(GrammarError) -> NotationRule.Expression {
    var parts: [NotationRule.Expression] = []
    try reader.count()
    while true {
      if depth > 0 { skipSpace() } else { skipBlanks() }
      guard let scalar = reader.next, !"|)]&\n\r".unicodeScalars.contains(scalar) else { break }
      if reader.skip("->") {
        skipBlanks()
        if name().isEmpty { throw reader.fault("has an alias without a name") }
        continue
      }
      parts.append(try repeated())
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func repeated() throws(GrammarError) -> NotationRule.Expression {
    try reader.count()
    let base = try atom()
    let start = reader.position
    reader.skipBlanks()
    if reader.skip("*") { return .repetition(base, min: 0, max: nil) }
    if reader.skip("+") { return .repetition(base, min: 1, max: nil) }
    if reader.skip("?") { return .repetition(base, min: 0, max: 1) }
    if reader.skip("{") {
      let bounds = try reader.bounds(at: start)
      guard reader.skip("}") else { throw reader.fault("has a { without a }", at: start) }
      return .repetition(base, min: bounds.min, max: bounds.max)
    }
    guard reader.skip("~") else { return base }
    reader.skipBlanks()
    let low = reader.number()
    reader.skipBlanks()
    var high = low
    if reader.skip("..") {
      reader.skipBlanks()
      high = reader.number()
      if high == nil { throw reader.fault("has a repetition without upper bound", at: start) }
    }
    let bounds = try reader.checked(low, high, at: start)
    return .repetition(base, min: bounds.min, max: bounds.max)
  }

  private mutating func atom() throws(GrammarError) -> NotationRule.Expression {
    let start = reader.position
    guard let scalar = reader.next else { throw reader.fault("ends too early") }
    switch scalar {
    case "(": return try group(closing: ")", at: start)
    case "[": return .repetition(try group(closing: "]", at: start), min: 0, max: 1)
    case "\"": return try stringOrRange()
    case "/": return .regular(try pattern(at: start))
    case "<": return .token(try token(at: start))
    case "~":
      reader.position += 1
      reader.skipBlanks()
      return try group(at: start) { parser throws(GrammarError) in
        .exclusion(try parser.atom())
      }
    case "%":
      guard reader.skip("%json") else {
        throw reader.fault("has a directive that is not known", .unsupported, at: start)
      }
      return schema(try jsonObject(at: start))
    default:
      let name = name()
      if name.isEmpty { throw reader.fault("has an unexpected character", at: start) }
      if reader.next == "{", reader.peek(1).map({ !("0"..."9").contains($0) }) ?? true {
        throw reader.fault("has a template", .unsupported, at: start)
      }
      return .reference(name, line: lines.line(of: start, in: reader.scalars))
    }
  }

  private mutating func group(
    closing: String, at start: Int
  ) throws(GrammarError) -> NotationRule.Expression {
    reader.position += 1
    let inner = try group(at: start) { parser throws(GrammarError) in
      try parser.alternatives()
    }
    skipSpace()
    guard reader.skip(closing) else { throw reader.fault("has no \(closing)", at: start) }
    return inner
  }

  private mutating func group(
    at start: Int,
    _ read: (inout LarkParser) throws(GrammarError) -> NotationRule.Expression
  ) throws(GrammarError) -> NotationRule.Expression {
    depth += 1
    defer { depth -= 1 }
    if depth > NotationLimits.depth {
      throw reader.fault("nests deeper than \(NotationLimits.depth)", .tooComplex, at: start)
    }
    return try read(&self)
  }

  private mutating func stringOrRange() throws(GrammarError) -> NotationRule.Expression {
    let start = reader.position
    let low = try text()
    let here = reader.position
    reader.skipBlanks()
    guard reader.skip("..") else {
      reader.position = here
      return .regular(language(of: low.text, ignoresCase: low.ignoresCase))
    }
    reader.skipBlanks()
    let high = try text()
    guard let first = low.text.unicodeScalars.first, low.text.unicodeScalars.count == 1,
      let last = high.text.unicodeScalars.first, high.text.unicodeScalars.count == 1,
      first <= last
    else { throw reader.fault("has a malformed range", at: start) }
    return .regular(.scalars(of: [first.value...last.value]))
  }

  /// A string as a language.
  mutating func string() throws(GrammarError) -> Regex {
    let text = try text()
    return language(of: text.text, ignoresCase: text.ignoresCase)
  }

  private func language(of text: String, ignoresCase: Bool) -> Regex {
    if !ignoresCase { return text.isEmpty ? .empty : Regex(text) }
    return .joined(text.unicodeScalars.map { ScalarSet($0).closedOverCase.regex })
  }

  private mutating func text() throws(GrammarError) -> (text: String, ignoresCase: Bool) {
    let start = reader.position
    guard reader.skip("\"") else { throw reader.fault("has no string here") }
    var text = ""
    while let scalar = reader.next, scalar != "\"", scalar != "\n" {
      reader.position += 1
      text.unicodeScalars.append(scalar == "\\" ? try escape() : scalar)
    }
    guard reader.skip("\"") else { throw reader.fault("has a string without an end", at: start) }
    return (text, reader.skip("i"))
  }

  private mutating func escape() throws(GrammarError) -> Unicode.Scalar {
    let start = reader.position
    guard let letter = reader.next else { throw reader.fault("ends in a backslash") }
    reader.position += 1
    let plain: [Unicode.Scalar: Unicode.Scalar] = [
      "n": "\n", "r": "\r", "t": "\t", "f": "\u{C}", "v": "\u{B}", "b": "\u{8}", "0": "\0",
      "\\": "\\", "\"": "\"", "/": "/", "'": "'",
    ]
    if let scalar = plain[letter] { return scalar }
    let digits: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
    guard let count = digits[letter], let value = reader.hexadecimal(count),
      let scalar = Unicode.Scalar(value)
    else { throw reader.fault("has an unknown escape", at: start) }
    return scalar
  }

  private mutating func pattern(at start: Int) throws(GrammarError) -> Regex {
    reader.position += 1
    var pattern = ""
    while let scalar = reader.next, scalar != "/", scalar != "\n" {
      pattern.unicodeScalars.append(scalar)
      reader.position += 1
      if scalar == "\\", let escaped = reader.next {
        pattern.unicodeScalars.append(escaped)
        reader.position += 1
      }
    }
    guard reader.skip("/") else { throw reader.fault("has a / without an end", at: start) }
    var flags: RegexSyntax.Flags = []
    for flag in reader.take(while: { ("a"..."z").contains($0) }) {
      switch flag {
      case "i": flags.insert(.ignoresCase)
      case "s": flags.insert(.dotIsAny)
      case "x": flags.insert(.isSpaced)
      case "u": break
      default: throw reader.fault("has the flag \(flag)", .unsupported, at: start)
      }
    }
    do throws(GrammarError) {
      return try RegexSyntax.terminal(pattern, flags: flags)
    } catch {
      throw reader.fault("has a regular expression that \(error.message)", error.kind, at: start)
    }
  }

  private mutating func token(at start: Int) throws(GrammarError) -> Int32 {
    let inner = reader.take { $0 != ">" && $0 != "\n" }
    guard reader.skip(">"), let token = context.controlToken(inner + ">") else {
      throw reader.fault("mentions \(inner)>, which is no control token", at: start)
    }
    return token
  }

  /// A JSON object that comes next, whose braces tell where it ends.
  mutating func jsonObject(at start: Int) throws(GrammarError) -> JSONValue {
    skipSpace()
    var text = ""
    var open = 0
    var isInString = false
    while let scalar = reader.next {
      reader.position += 1
      text.unicodeScalars.append(scalar)
      if isInString {
        if scalar == "\\", let escaped = reader.next {
          text.unicodeScalars.append(escaped)
          reader.position += 1
        } else if scalar == "\"" {
          isInString = false
        }
        continue
      }
      if scalar == "\"" { isInString = true }
      if scalar == "{" { open += 1 }
      if scalar == "}" { open -= 1 }
      if open <= 0 { break }
    }
    let limits = JSONLimits(depth: NotationLimits.depth, values: NotationLimits.expressions)
    do throws(JSONError) {
      return try JSONValue(parsing: Array(text.utf8), limits: limits)
    } catch {
      throw reader.fault("has malformed JSON: \(error)", at: start)
    }
  }

  private mutating func schema(_ schema: JSONValue) -> NotationRule.Expression {
    do throws(GrammarErrors) {
      return .compiled(try context.schema(schema, &builder))
    } catch {
      schemaFaults += error.faults
      return .sequence([])
    }
  }
}
