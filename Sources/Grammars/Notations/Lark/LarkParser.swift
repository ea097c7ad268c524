import JSON

/// Reads the statements of a grammar in Lark's notation.
struct LarkParser {
  /// Where it reads.
  var reader: NotationReader
  /// Where schemas are compiled to.
  var builder: GrammarBuilder
  /// The faults of schemas.
  var schemaFaults: [GrammarError] = []
  /// The lines of what is mentioned.
  var lines = LineCounter()
  /// How many groups are open.
  var depth = 0
  /// What is asked of those around.
  let context: NotationContext

  private var result = LarkSource()
  private var ignored: [NotationRule.Expression] = []
  private var imports: [(name: String, language: Regex, line: Int)] = []

  /// Begins at the beginning of a source.
  init(_ reader: NotationReader, _ context: NotationContext, _ builder: GrammarBuilder) {
    self.reader = reader
    self.context = context
    self.builder = builder
  }

  /// All rules.
  mutating func source() throws(GrammarError) -> LarkSource {
    skipSpace()
    while reader.next != nil {
      if reader.next == "%" { try directive() } else { try rule() }
      skipBlanks()
      guard reader.next == nil || reader.next == "\n" || reader.next == "\r" else {
        throw reader.fault("has an unexpected character")
      }
      skipSpace()
    }
    addImports()
    try addIgnored()
    return result
  }

  /// Goes on past blanks, line breaks and comments.
  mutating func skipSpace() {
    while true {
      skipBlanks()
      guard reader.next == "\n" || reader.next == "\r" else { return }
      reader.position += 1
    }
  }

  /// Goes on past blanks and comments.
  mutating func skipBlanks() {
    while true {
      reader.skipBlanks()
      guard reader.next == "#" || reader.isNext("//") else { return }
      reader.skipLine()
    }
  }

  /// A name of a rule or a terminal; empty if none comes next.
  mutating func name() -> String {
    reader.take { ScalarSet.words.contains($0.value) || $0 == "-" }
  }

  /// Whether a name is one of a terminal.
  static func isTerminal(_ name: String) -> Bool {
    name.drop { $0 == "_" }.first?.isUppercase ?? false
  }

  private mutating func rule() throws(GrammarError) {
    let start = reader.position
    let line = lines.line(of: start, in: reader.scalars)
    while reader.next == "?" || reader.next == "!" { reader.position += 1 }
    let name = name()
    if name.isEmpty { throw reader.fault("has an unexpected character", at: start) }
    if reader.next == "." { throw reader.fault("has a priority", .unsupported) }
    if reader.next == "{" { throw reader.fault("has a template", .unsupported) }
    let attributes = try attributes()
    skipBlanks()
    if reader.next == "." { throw reader.fault("has a priority", .unsupported) }
    guard reader.skip(":") else { throw reader.fault("has a name without a :", at: start) }
    var rule = NotationRule(name: name, line: line, body: try alternatives())
    rule.isTerminal = LarkParser.isTerminal(name) || attributes.isLazy
    if let suffix = attributes.suffix { rule.body = .sequence([rule.body, .regular(suffix)]) }
    if attributes.isLazy { rule.body = .shortest(rule.body) }
    result.rules.append(rule)
  }

  private mutating func attributes() throws(GrammarError) -> (isLazy: Bool, suffix: Regex?) {
    var isLazy = false
    var suffix: Regex?
    skipBlanks()
    guard reader.skip("[") else { return (false, nil) }
    repeat {
      skipBlanks()
      let start = reader.position
      let key = name()
      skipBlanks()
      let hasValue = reader.skip("=")
      if hasValue { skipBlanks() }
      switch key {
      case "lazy" where !hasValue: isLazy = true
      case "capture": if hasValue { _ = try string() }
      case "suffix" where hasValue:
        suffix = try string()
        isLazy = true
      default: throw reader.fault("has the attribute \(key)", .unsupported, at: start)
      }
      skipBlanks()
    } while reader.skip(",")
    guard reader.skip("]") else { throw reader.fault("has attributes without a ]") }
    return (isLazy, suffix)
  }

  private mutating func directive() throws(GrammarError) {
    let start = reader.position
    if reader.skip("%ignore") {
      ignored.append(try alternatives())
    } else if reader.skip("%import") {
      try importTerminals(at: start)
    } else if reader.skip("%llguidance") {
      let options = try jsonObject(at: start)
      guard case .object(let members) = options, members.members.isEmpty else {
        throw reader.fault("sets options of llguidance", .unsupported, at: start)
      }
    } else {
      throw reader.fault("has an unknown directive", .unsupported, at: start)
    }
  }

  private mutating func importTerminals(at start: Int) throws(GrammarError) {
    skipBlanks()
    guard reader.skip("common") else {
      throw reader.fault("imports from elsewhere than common", .unsupported, at: start)
    }
    skipBlanks()
    if reader.skip("(") {
      repeat {
        skipSpace()
        let name = name()
        try addImport(name, as: name, at: start)
        skipSpace()
      } while reader.skip(",")
      guard reader.skip(")") else { throw reader.fault("imports without a )", at: start) }
      return
    }
    guard reader.skip(".") else { throw reader.fault("imports nothing", at: start) }
    let name = name()
    skipBlanks()
    var alias = name
    if reader.skip("->") {
      skipBlanks()
      alias = self.name()
    }
    try addImport(name, as: alias, at: start)
  }

  private mutating func addImport(
    _ name: String, as alias: String, at start: Int
  ) throws(GrammarError) {
    guard let language = try LarkCommon.language(of: name), LarkParser.isTerminal(alias) else {
      throw reader.fault("imports common.\(name), which is not known", .unsupported, at: start)
    }
    imports.append((alias, language, lines.line(of: start, in: reader.scalars)))
  }

  /// Imported terminals are rules where something mentions them.
  private mutating func addImports() {
    var mentioned: Set<String> = []
    for rule in result.rules { for (name, _) in rule.body.references { mentioned.insert(name) } }
    for (name, language, line) in imports where mentioned.contains(name) {
      result.rules.append(
        NotationRule(name: name, line: line, body: .regular(language), isTerminal: true))
    }
  }

  /// Compiles what is ignored, which is made of terminals.
  private mutating func addIgnored() throws(GrammarError) {
    guard !ignored.isEmpty else { return }
    let name = "%ignore"
    var rules = result.rules.filter(\.isTerminal)
    let known = Set(rules.map(\.name))
    for (alias, language, line) in imports where !known.contains(alias) {
      rules.append(
        NotationRule(name: alias, line: line, body: .regular(language), isTerminal: true))
    }
    rules.append(
      NotationRule(name: name, line: 1, body: .alternatives(ignored), isTerminal: true))
    var scratch = GrammarBuilder()
    do throws(GrammarErrors) {
      let checker = RuleChecker(rules, start: name, allowsUnused: true)
      let expression = try NotationCompiler.compile(
        rules, start: name, checker: checker, into: &scratch)
      guard case .lexeme(let index) = expression else { return }
      result.ignored = scratch.grammar.lexemes[index].language.repeated(0, nil)
    } catch {
      throw error.faults.first ?? GrammarError(.invalid, "ignores what is not regular")
    }
  }
}
