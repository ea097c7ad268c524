/// The smallest piece of a template's source that has a meaning.
struct TemplateToken: Sendable {
  /// What a token is.
  enum Kind: Sendable, Hashable {
    /// Text outside of tags.
    case text(String)
    case variableBegin
    case variableEnd
    case blockBegin
    case blockEnd
    case name(String)
    case string(String)
    case integer(Int)
    case float(Double)
    case symbol(TemplateSymbol)
    /// The end of the source.
    case end
  }

  let kind: Kind
  let position: TemplatePosition
}

/// An operator or a mark of punctuation.
enum TemplateSymbol: String, Sendable {
  case floorDivision = "//"
  case power = "**"
  case equal = "=="
  case unequal = "!="
  case atLeast = ">="
  case atMost = "<="
  case plus = "+"
  case minus = "-"
  case division = "/"
  case times = "*"
  case remainder = "%"
  case tilde = "~"
  case leftBracket = "["
  case rightBracket = "]"
  case leftParenthesis = "("
  case rightParenthesis = ")"
  case leftBrace = "{"
  case rightBrace = "}"
  case more = ">"
  case less = "<"
  case assign = "="
  case dot = "."
  case colon = ":"
  case bar = "|"
  case comma = ","

  /// The symbol that closes what this one opens.
  var closing: TemplateSymbol? {
    switch self {
    case .leftBracket: .rightBracket
    case .leftParenthesis: .rightParenthesis
    case .leftBrace: .rightBrace
    default: nil
    }
  }

  /// Whether the symbol closes a bracket.
  var isClosing: Bool { self == .rightBracket || self == .rightParenthesis || self == .rightBrace }
}
