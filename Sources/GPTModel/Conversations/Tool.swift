/// A tool that a model may call.
public struct Tool: Sendable, Hashable {
  /// The tool's name, of letters, digits, `_`, `-`, and `.`, `:` or `/`.
  public var name: String
  /// What it does, for the model.
  public var description: String?
  /// The JSON Schema of its arguments, which are an object; nil where it takes none.
  public var parameters: JSONValue?
  /// Whether a schema that cannot be enforced exactly is refused, and not enforced as far as it can be.
  public var isStrict: Bool
  /// A grammar in Lark's notation of the one argument, `input`, a string; nil where the schema says all.
  package var inputGrammar: String?

  /// Describes a tool.
  public init(
    name: String, description: String? = nil, parameters: JSONValue? = nil, isStrict: Bool = false
  ) {
    self.name = name
    self.description = description
    self.parameters = parameters
    self.isStrict = isStrict
  }

  /// The tool as chat templates and requests have it.
  package var json: JSONValue {
    var function = JSONObject()
    function["name"] = .string(name)
    if let description { function["description"] = .string(description) }
    if let parameters { function["parameters"] = parameters }
    var tool = JSONObject()
    tool["type"] = .string("function")
    tool["function"] = .object(function)
    return .object(tool)
  }
}

/// Which of some tools an answer calls.
public struct ToolUse: Sendable, Hashable {
  /// Whether tools are called.
  #if hasAttribute(nonexhaustive)
    @nonexhaustive
  #endif
  public enum Choice: Sendable, Hashable {
    /// As the model likes.
    case auto
    /// At least one is, and the answer is nothing else.
    case required
    /// None is.
    case none
  }

  /// The tools that may be called.
  public var tools: [Tool]
  /// Whether they are.
  public var choice: Choice
  /// Whether an answer may have more than one call.
  public var isParallel: Bool

  /// Lets a model call tools.
  public init(_ tools: [Tool], choice: Choice = .auto, isParallel: Bool = true) {
    self.tools = tools
    self.choice = choice
    self.isParallel = isParallel
  }
}

/// What an answer may consist of: thinking, then text or calls of tools.
public struct AnswerForm: Sendable, Hashable {
  /// Whether the model thinks first.
  public enum Thinking: Sendable, Hashable {
    /// It does not, or the prompt has closed its thinking.
    case absent
    /// It may open its thinking.
    case possible
    /// The prompt has opened it.
    case open
  }

  /// The tools that may be called; nil for none.
  public var tools: ToolUse?
  /// Whether the model thinks first.
  public var thinking: Thinking
  /// Tokens of thinking after which nothing but its end follows; nil for any number.
  public var thinkingTokens: Int?
  /// The form of the text; nil for any.
  public var text: ConstraintSource?

  /// Describes an answer.
  public init(tools: ToolUse? = nil, thinking: Thinking = .absent, text: ConstraintSource? = nil) {
    self.tools = tools
    self.thinking = thinking
    self.text = text
  }
}
