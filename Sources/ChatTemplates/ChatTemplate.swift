public import JSON
public import Tokenizers

/// A model's chat template, parsed once, rendered for each conversation.
///
/// A template is a program from a model's file and the conversation comes from anybody, so a
/// rendering is bounded in time, space and stack, has no way to the host, and ends in a
/// `TemplateError` whatever it is given. The result says of every piece who wrote it: only what
/// the template itself wrote may become control tokens.
///
/// ```swift
/// let template = try ChatTemplate(source: "<|user|>{{ messages[0].content }}<|end|>")
/// let prompt = try template.render([ChatMessage(role: "user", content: "Hi")])
/// // "<|user|>" from the template, "Hi" from content, "<|end|>" from the template
/// ```
public struct ChatTemplate: Sendable {
  private let statements: [TemplateStatement]
  private var specialTokens: [String: String]

  /// Parses a template.
  ///
  /// - Parameters:
  ///   - source: The template, in the language of Jinja as chat templates use it.
  ///   - specialTokens: Texts of special tokens by the names that templates use, such as
  ///     `bos_token`; they count as written by the template.
  public init(source: String, specialTokens: [String: String] = [:]) throws(TemplateError) {
    statements = try TemplateParser.statements(of: source)
    self.specialTokens = specialTokens
  }

  /// The template with the special tokens of a vocabulary, but for those that it was made with.
  package func adding(specialTokens others: [String: String]) -> ChatTemplate {
    var template = self
    template.specialTokens.merge(others) { own, _ in own }
    return template
  }

  /// What a rendering is given besides the messages.
  public struct Options: Sendable {
    /// Whether to end where the assistant's answer begins.
    public var addGenerationPrompt = true
    /// Whether to end within the last message, whose rest is then the answer; no answer begins there,
    /// whatever `addGenerationPrompt` says.
    public var continuesFinalMessage = false
    /// Descriptions of tools; none where it is empty.
    public var tools: [JSONValue] = []
    /// Documents to answer from; none where it is empty.
    public var documents: [JSONValue] = []
    /// Further variables for the template.
    public var extra = JSONObject()
    /// The time that `strftime_now` tells; without it templates find no such function and take
    /// the date that they carry.
    public var now: TemplateDate?
    /// Roles whose names count as written by the template.
    ///
    /// A few templates build a control token from the role, as in `'<|' + role + '|>'`. A caller
    /// that has checked roles against a list of its own can name that list here; a role is then
    /// the template's text if it is one of them, and content otherwise.
    public var vouchedRoles: Set<String> = []

    /// Creates options that ask for an answer and nothing else.
    public init() {}
  }

  /// Renders messages into segments marked by who wrote them.
  ///
  /// In the template a message is an object with `role`, `content` and the members of `extra`,
  /// which take precedence.
  public func render(
    _ messages: [ChatMessage], options: Options = Options()
  ) throws(TemplateError) -> [PromptSegment] {
    guard options.continuesFinalMessage, let last = messages.indices.last else {
      return try renderWhole(messages, options: options)
    }
    // The template closes every message. A mark shows where the last one's own text ends.
    var (messages, options) = (messages, options)
    messages[last].content += Self.mark
    options.addGenerationPrompt = false
    let segments = try renderWhole(messages, options: options)
    guard let open = Self.cut(segments) else { throw .notContinuable }
    return open
  }

  private func renderWhole(
    _ messages: [ChatMessage], options: Options
  ) throws(TemplateError) -> [PromptSegment] {
    let interpreter = TemplateInterpreter(names: [:], now: options.now)
    interpreter.scope.names = try variables(messages, options, interpreter.budget)
    return try interpreter.render(statements).segments
  }

  private func variables(
    _ messages: [ChatMessage], _ options: Options, _ budget: TemplateBudget
  ) throws(TemplateError) -> [String: TemplateValue] {
    var names: [String: TemplateValue] = [:]
    for member in options.extra.members {
      if Self.reservedNames.contains(member.name) || specialTokens[member.name] != nil {
        throw budget.fault("the template variable '\(member.name)' is reserved")
      }
      names[member.name] = try TemplateValue(member.value, budget)
    }
    for (name, token) in specialTokens { names[name] = .text(token) }
    var list: [TemplateValue] = []
    for message in messages {
      list.append(try message.templateValue(vouchedRoles: options.vouchedRoles, budget))
    }
    names["messages"] = .list(try TemplateList(list, budget))
    names["tools"] = try Self.optionalList(options.tools, budget)
    names["documents"] = try Self.optionalList(options.documents, budget)
    names["add_generation_prompt"] = .boolean(options.addGenerationPrompt)
    return names
  }

  /// Names of variables that a rendering gives itself, or that other programs do; `Options.extra` must
  /// not have them.
  public static let reservedNames = [
    "messages", "tools", "documents", "add_generation_prompt", "continue_final_message",
    "bos_token", "eos_token", "pad_token", "unk_token", "tokenize", "chat_template",
    "return_dict", "tokenizer_kwargs", "raise_exception", "strftime_now",
  ]

  private static func optionalList(
    _ values: [JSONValue], _ budget: TemplateBudget
  ) throws(TemplateError) -> TemplateValue {
    values.isEmpty ? .none : try TemplateValue(.array(values), budget)
  }
}

extension ChatTemplate {
  /// Scalars for private use, so that no template changes them and hardly a text needs them.
  private static var mark: String { "\u{F8D0}\u{F8D1}\u{F8D0}" }

  /// What stands before the last mark.
  private static func cut(_ segments: [PromptSegment]) -> [PromptSegment]? {
    // Byte by byte: as characters, the mark could grow together with what stands before it.
    let mark = Array(mark.utf8)
    for (index, segment) in segments.enumerated().reversed() {
      let bytes = Array(segment.text.utf8)
      guard let range = bytes.ranges(of: mark).last else { continue }
      let text = String(decoding: bytes[..<range.lowerBound], as: UTF8.self)
      let kept = Array(segments[..<index])
      return text.isEmpty ? kept : kept + [PromptSegment(text, from: segment.source)]
    }
    return nil
  }
}

extension ChatMessage {
  /// The message as an object of the template language.
  fileprivate func templateValue(
    vouchedRoles: Set<String>, _ budget: TemplateBudget
  ) throws(TemplateError) -> TemplateValue {
    var members = TemplateDictionary()
    let source: PromptSegment.Source = vouchedRoles.contains(role) ? .template : .content
    try members.set(.text("role"), to: .string(TemplateString(role, from: source)), budget)
    let text = TemplateString(content, from: .content)
    try members.set(.text("content"), to: .string(text), budget)
    for member in extra.members {
      let key = TemplateValue.string(TemplateString(member.name, from: .content))
      try members.set(key, to: try TemplateValue(member.value, budget), budget)
    }
    return .dictionary(members)
  }
}

extension TemplateValue {
  /// A JSON value as content.
  init(
    _ value: JSONValue, depth: Int = 0, _ budget: TemplateBudget
  ) throws(TemplateError) {
    if depth > TemplateBudget.maximumValueDepth {
      throw budget.exceeded(.depth, "a message or tool nests too deeply")
    }
    switch value {
    case .null: self = .none
    case .bool(let flag): self = .boolean(flag)
    case .integer(let integer): self = .integer(integer)
    case .number(let number): self = .float(number)
    case .string(let text): self = .string(TemplateString(text, from: .content))
    case .array(let values):
      var elements: [TemplateValue] = []
      for value in values { elements.append(try TemplateValue(value, depth: depth + 1, budget)) }
      self = .list(try TemplateList(elements, budget))
    case .object(let object):
      var members = TemplateDictionary()
      for member in object.members {
        let key = TemplateValue.string(TemplateString(member.name, from: .content))
        let value = try TemplateValue(member.value, depth: depth + 1, budget)
        try members.set(key, to: value, budget)
      }
      self = .dictionary(members)
    }
  }
}
