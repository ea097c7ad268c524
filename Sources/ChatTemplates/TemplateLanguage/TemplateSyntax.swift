/// An expression of the template language.
indirect enum TemplateExpression: Sendable {
  case literal(TemplateLiteral)
  case name(String, TemplatePosition)
  case list([TemplateExpression])
  case tuple([TemplateExpression])
  case dictionary([(key: TemplateExpression, value: TemplateExpression)])
  case conditional(
    TemplateExpression, condition: TemplateExpression, otherwise: TemplateExpression?)
  /// `or`: the first that is true, or the last.
  case any([TemplateExpression])
  /// `and`: the first that is false, or the last.
  case all([TemplateExpression])
  case not(TemplateExpression)
  /// A chain of comparisons, each with the operand to its right.
  case comparison(TemplateExpression, [(TemplateComparison, TemplateExpression)])
  /// Operations of one precedence, from left to right; long sums do not nest.
  case arithmetic(TemplateExpression, [(TemplateOperation, TemplateExpression)])
  /// `~`: all of them as one text.
  case concatenation([TemplateExpression])
  case sign(negative: Bool, TemplateExpression)
  /// Accesses, calls, filters and tests, applied from left to right.
  case postfix(TemplateExpression, [TemplatePostfix])
}

/// A value written in the source.
enum TemplateLiteral: Sendable {
  case none
  case boolean(Bool)
  case integer(Int)
  case float(Double)
  case string(TemplateString)
}

/// A comparing operator.
enum TemplateComparison: Sendable {
  case equal, unequal, less, atMost, more, atLeast, within, notWithin
}

/// An arithmetic operator.
enum TemplateOperation: Sendable {
  case add, subtract, multiply, divide, floorDivide, remainder, power
}

/// What follows a value and makes another of it.
struct TemplatePostfix: Sendable {
  /// What is done.
  enum Kind: Sendable {
    case attribute(String)
    case item(TemplateExpression)
    case slice(TemplateSlice)
    case call(TemplateCallArguments)
    case filter(String, TemplateCallArguments)
    case test(String, TemplateCallArguments, negated: Bool)
  }

  let kind: Kind
  let position: TemplatePosition
}

/// The bounds of a slice, each optional.
struct TemplateSlice: Sendable {
  let start: TemplateExpression?
  let stop: TemplateExpression?
  let step: TemplateExpression?
}

/// The arguments of a call as written.
struct TemplateCallArguments: Sendable {
  var positional: [TemplateExpression] = []
  var keywords: [(name: String, value: TemplateExpression)] = []
  /// `*values`, spread after the positional ones.
  var spread: TemplateExpression?
  /// `**members`, spread after the keywords.
  var spreadKeywords: TemplateExpression?
}

/// A statement of the template language, or text between statements.
struct TemplateStatement: Sendable {
  /// What a statement does.
  indirect enum Kind: Sendable {
    case text(TemplateString)
    case output(TemplateExpression)
    case conditional(
      [(condition: TemplateExpression, body: [TemplateStatement])],
      otherwise: [TemplateStatement])
    case loop(TemplateLoopStatement)
    case set(TemplateTarget, TemplateExpression)
    case setBlock(TemplateTarget, filters: [TemplatePostfix], [TemplateStatement])
    case macro(TemplateMacroDefinition)
    /// A call whose macro may ask for the body by `caller()`.
    case callBlock(
      TemplateExpression, TemplateCallArguments, body: TemplateMacroDefinition)
    case filterBlock([TemplatePostfix], [TemplateStatement])
    case with([(TemplateTarget, TemplateExpression)], [TemplateStatement])
    /// A scope of its own that leaves its output as it is.
    case scope([TemplateStatement])
    case breakLoop
    case continueLoop
  }

  let kind: Kind
  let position: TemplatePosition
}

/// A loop as written.
struct TemplateLoopStatement: Sendable {
  let target: TemplateTarget
  let iterable: TemplateExpression
  let condition: TemplateExpression?
  let body: [TemplateStatement]
  let otherwise: [TemplateStatement]
}

/// What can be assigned to.
indirect enum TemplateTarget: Sendable {
  case name(String)
  case member(namespace: String, name: String)
  case tuple([TemplateTarget])

  /// The names of variables that are assigned to.
  var names: [String] {
    switch self {
    case .name(let name): [name]
    case .member: []
    case .tuple(let targets): targets.flatMap(\.names)
    }
  }
}

/// A macro as written.
struct TemplateMacroDefinition: Sendable {
  /// A parameter and the expression for its value where a call gives none.
  struct Parameter: Sendable {
    let name: String
    let otherwise: TemplateExpression?
  }

  /// The macro's name, or nil for the body of a call block.
  let name: String?
  let parameters: [Parameter]
  let body: [TemplateStatement]
  /// Names among `caller`, `varargs` and `kwargs` that the body uses.
  let specialNames: Set<String>
}
