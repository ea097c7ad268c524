/// Reads tokens as statements, to a bounded depth of nesting.
struct TemplateParser {
  private let tokens: [TemplateToken]
  private var index = 0
  private var nesting = 0
  /// Loops around the statement in progress, within the same macro.
  var loops = 0
  /// For each macro around the statement in progress, the special names that it uses.
  var specialNames: [Set<String>] = []

  /// The statements of a source.
  static func statements(of source: String) throws(TemplateError) -> [TemplateStatement] {
    var parser = TemplateParser(tokens: try TemplateLexer.tokens(of: source))
    let statements = try parser.body(until: [])
    return statements
  }

  private init(tokens: [TemplateToken]) {
    self.tokens = tokens
  }

  /// The token in progress.
  var current: TemplateToken { tokens[min(index, tokens.count - 1)] }

  /// The token after it.
  var following: TemplateToken { tokens[min(index + 1, tokens.count - 1)] }

  /// Goes to the next token.
  mutating func advance() {
    index += 1
  }

  /// A syntax error at the token in progress.
  func fault(_ message: String) -> TemplateError {
    TemplateError(.syntax, message, at: current.position)
  }

  /// Passes a token if it is there.
  mutating func skip(_ kind: TemplateToken.Kind) -> Bool {
    guard current.kind == kind else { return false }
    advance()
    return true
  }

  /// Passes a symbol if it is there.
  mutating func skip(_ symbol: TemplateSymbol) -> Bool { skip(.symbol(symbol)) }

  /// Passes a word if it is there.
  mutating func skip(word: String) -> Bool { skip(.name(word)) }

  /// Passes a token that must be there.
  mutating func expect(_ kind: TemplateToken.Kind, _ description: String) throws(TemplateError) {
    if !skip(kind) { throw fault("expected \(description)") }
  }

  /// Passes a symbol that must be there.
  mutating func expect(_ symbol: TemplateSymbol) throws(TemplateError) {
    try expect(.symbol(symbol), "'\(symbol.rawValue)'")
  }

  /// Passes a name that must be there.
  mutating func expectName() throws(TemplateError) -> String {
    guard case .name(let name) = current.kind else { throw fault("expected a name") }
    advance()
    return name
  }

  /// Goes one level deeper, unless that is beyond the bound; `nesting` comes back by `ascend`.
  mutating func descend() throws(TemplateError) {
    if nesting >= TemplateBudget.maximumNesting {
      throw TemplateError(
        .budget(.depth), "the template nests deeper than \(TemplateBudget.maximumNesting) levels",
        at: current.position)
    }
    nesting += 1
  }

  /// Comes back from a level.
  mutating func ascend() {
    nesting -= 1
  }

  /// The statements up to a tag that begins with one of the words, of which the word is next; or,
  /// without words, up to the end of the source.
  mutating func body(until words: [String]) throws(TemplateError) -> [TemplateStatement] {
    var result: [TemplateStatement] = []
    while true {
      let position = current.position
      switch current.kind {
      case .text(let text):
        advance()
        result.append(TemplateStatement(kind: .text(TemplateString(text)), position: position))
      case .variableBegin:
        advance()
        let value = try tuple()
        try expect(.variableEnd, "the end of the expression")
        result.append(TemplateStatement(kind: .output(value), position: position))
      case .blockBegin:
        advance()
        guard case .name(let word) = current.kind else { throw fault("expected a tag's name") }
        if words.contains(word) { return result }
        try descend()
        let kind = try statement(word)
        ascend()
        result.append(TemplateStatement(kind: kind, position: position))
        try expect(.blockEnd, "the end of the tag")
      default:
        if words.isEmpty { return result }
        throw fault("the source ends before {% \(words.joined(separator: " %} or {% ")) %}")
      }
    }
  }

  /// The statements of a block whose tag ends here, and the word of the tag that ends them.
  mutating func block(
    until words: String...
  ) throws(TemplateError) -> (body: [TemplateStatement], word: String) {
    _ = skip(TemplateSymbol.colon)
    try expect(.blockEnd, "the end of the tag")
    let statements = try body(until: words)
    return (statements, try expectName())
  }

  /// A name, a member of a namespace, or several of them.
  mutating func target(orMember: Bool) throws(TemplateError) -> TemplateTarget {
    var targets: [TemplateTarget] = []
    var isTuple = false
    while true {
      if targetEnds { break }
      targets.append(try singleTarget(orMember: orMember))
      guard skip(.comma) else { break }
      isTuple = true
    }
    if isTuple { return .tuple(targets) }
    guard let only = targets.first else { throw fault("expected a name to assign to") }
    return only
  }

  private var targetEnds: Bool {
    switch current.kind {
    case .blockEnd, .variableEnd, .symbol(.rightParenthesis), .name("in"): true
    default: false
    }
  }

  private mutating func singleTarget(orMember: Bool) throws(TemplateError) -> TemplateTarget {
    try descend()
    defer { ascend() }
    if skip(.leftParenthesis) {
      let inner = try target(orMember: orMember)
      try expect(.rightParenthesis)
      return inner
    }
    let name = try expectName()
    if ["true", "false", "none", "True", "False", "None"].contains(name) {
      throw fault("cannot assign to \(name)")
    }
    if orMember, skip(.dot) { return .member(namespace: name, name: try expectName()) }
    return .name(name)
  }
}
