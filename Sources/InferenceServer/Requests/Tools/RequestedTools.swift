import GPTModel
import JSON
import Platform

/// The tools that a request brings, and which of them it lets answers call.
struct RequestedTools: Sendable, Hashable {
  /// A tool of a request.
  struct Entry: Sendable, Hashable {
    /// The tool.
    var tool: Tool
    /// The field with its parameters, which errors name.
    var field: String
    /// Whether its input is a text, not an object.
    var isCustom = false
  }

  /// All tools, which the model is shown.
  var entries: [Entry]
  /// Whether they are called.
  var choice = ToolUse.Choice.auto
  /// The names of those that may be called; nil for all.
  var allowed: [String]?
  /// Whether an answer may have more than one call.
  var isParallel = true

  /// Those that may be called.
  var callable: [Entry] {
    guard let allowed else { return entries }
    return entries.filter { entry in allowed.contains { $0 == entry.tool.name } }
  }

  /// What an answer may call.
  var use: ToolUse {
    ToolUse(callable.map(\.tool), choice: choice, isParallel: isParallel)
  }

  /// Whether the input of a tool is a text.
  func isCustom(_ name: String) -> Bool {
    entries.contains { $0.isCustom && $0.tool.name == name }
  }
}

// MARK: - Reading

extension RequestedTools {
  /// Reads `tools` or `functions` and what is to be done with them; nil where there are none.
  init?(chat fields: FieldReader) throws(APIError) {
    let hasTools = fields.has("tools") && fields.value("tools") != .array([])
    let hasFunctions = fields.has("functions") && fields.value("functions") != .array([])
    if hasTools, hasFunctions {
      throw fields.invalid("functions", "and tools are the same; give one of them")
    }
    var entries: [Entry] = []
    let name = hasFunctions ? "functions" : "tools"
    for (index, element) in (try fields.array(name) ?? []).enumerated() {
      let reader = try fields.reader(name, element: index, element)
      entries.append(
        hasFunctions ? try Entry(function: reader) : try Entry(chat: reader))
    }
    let choice = hasFunctions ? "function_call" : "tool_choice"
    try self.init(entries, fields, name, choice: choice)
  }

  /// Reads the tools of the responses protocol; nil where there are none.
  init?(responses fields: FieldReader) throws(APIError) {
    var entries: [Entry] = []
    for (index, element) in (try fields.array("tools") ?? []).enumerated() {
      entries.append(try Entry(flat: fields.reader("tools", element: index, element)))
    }
    try self.init(entries, fields, "tools", choice: "tool_choice")
  }

  /// Reads the tools of the messages protocol; nil where there are none.
  init?(messages fields: FieldReader) throws(APIError) {
    var entries: [Entry] = []
    for (index, element) in (try fields.array("tools") ?? []).enumerated() {
      entries.append(try Entry(message: fields.reader("tools", element: index, element)))
    }
    let choice = try fields.reader("tool_choice")
    let type = try choice?.word("type")
    if let choice, type == nil { throw choice.missing("type") }
    guard !entries.isEmpty else {
      if let choice, type == "any" || type == "tool" {
        throw choice.invalid("type", "requires tools")
      }
      return nil
    }
    self.init(entries: entries)
    try checkNames(fields, "tools")
    guard let choice, let type else { return }
    isParallel = !(try choice.boolean("disable_parallel_tool_use") ?? false)
    switch type {
    case "any": self.choice = .required
    case "none": self.choice = .none
    case "tool":
      self.choice = .required
      guard let name = try choice.string("name") else { throw choice.missing("name") }
      try allow([name], choice, "name")
    default: break
    }
  }

  /// Puts tools of OpenAI's protocols together; nil where there are none.
  private init?(
    _ entries: [Entry], _ fields: FieldReader, _ name: String, choice: String
  ) throws(APIError) {
    let isParallel = try fields.boolean("parallel_tool_calls") ?? true
    guard !entries.isEmpty else {
      switch fields.value(choice) {
      case nil, .string("none"), .string("auto"): return nil
      default: throw fields.invalid(choice, "requires \(name)")
      }
    }
    self.init(entries: entries)
    try checkNames(fields, name)
    // Older clients take one call.
    self.isParallel = isParallel && name != "functions"
    try readChoice(fields, choice)
  }

  private func checkNames(_ fields: FieldReader, _ name: String) throws(APIError) {
    var names: Set<[UInt8]> = []
    for entry in entries where !names.insert(Array(entry.tool.name.utf8)).inserted {
      throw fields.invalid(
        name, "has two tools named \(entry.tool.name); names must differ")
    }
  }

  private mutating func readChoice(_ fields: FieldReader, _ name: String) throws(APIError) {
    switch fields.value(name) {
    case nil, .string("auto"): return
    case .string("none"): choice = .none
    case .string("required"), .string("any"): choice = .required
    case .object(let object):
      guard case .special(_, let table?) = fields.table[name] else { return }
      try readChoice(
        FieldReader(object: object, table: table, prefix: fields.path(name) + "."), fields, name)
    default:
      throw fields.mismatch(name, "none, auto, required, or an object that names a tool")
    }
  }

  private mutating func readChoice(
    _ object: FieldReader, _ fields: FieldReader, _ name: String
  ) throws(APIError) {
    guard object.table.knows("type"), let type = try object.word("type") else {
      // Older clients name a function without saying that it is one.
      guard let wanted = try object.string("name") else { throw object.missing("name") }
      choice = .required
      return try allow([wanted], object, "name")
    }
    guard type == "allowed_tools" else {
      choice = .required
      let inner = try object.reader(type) ?? object
      guard let wanted = try inner.string("name") else { throw inner.missing("name") }
      return try allow([wanted], inner, "name")
    }
    let inner = try object.reader("allowed_tools") ?? object
    choice = try inner.word("mode") == "required" ? .required : .auto
    var names: [String] = []
    for (index, element) in (try inner.array("tools") ?? []).enumerated() {
      let tool = try inner.reader("tools", element: index, element)
      let inner = [try tool.reader("function"), try tool.reader("custom")].compactMap { $0 }
      let named = inner.first ?? tool
      guard let wanted = try named.string("name") else { throw named.missing("name") }
      names.append(wanted)
    }
    guard !names.isEmpty else { throw inner.invalid("tools", "must name at least one tool") }
    try allow(names, inner, "tools")
  }

  private mutating func allow(
    _ names: [String], _ fields: FieldReader, _ field: String
  ) throws(APIError) {
    for name in names where !entries.contains(where: { $0.tool.name == name }) {
      throw fields.invalid(
        field, "names \(name.prefix(bytes: RequestLimits.echoedBytes)), which is none of the tools")
    }
    allowed = names
  }
}

extension RequestedTools.Entry {
  /// Reads a tool of a chat.
  fileprivate init(chat fields: FieldReader) throws(APIError) {
    guard let type = try fields.string("type") else { throw fields.missing("type") }
    switch type {
    case "function":
      guard let function = try fields.reader("function") else { throw fields.missing("function") }
      try self.init(function: function)
    case "custom":
      guard let custom = try fields.reader("custom") else { throw fields.missing("custom") }
      try self.init(custom: custom)
    default: throw Self.builtin(fields)
    }
  }

  /// Reads a tool of the responses protocol.
  fileprivate init(flat fields: FieldReader) throws(APIError) {
    guard let type = try fields.string("type") else { throw fields.missing("type") }
    switch type {
    case "function": try self.init(function: fields)
    case "custom": try self.init(custom: fields)
    default: throw Self.builtin(fields)
    }
  }

  /// Reads a tool of the messages protocol.
  fileprivate init(message fields: FieldReader) throws(APIError) {
    guard ["custom", nil].contains(try fields.string("type")) else { throw Self.builtin(fields) }
    try self.init(function: fields, parameters: "input_schema")
  }

  /// Reads a function.
  fileprivate init(
    function fields: FieldReader, parameters: String = "parameters"
  ) throws(APIError) {
    let schema = fields.value(parameters)
    switch schema {
    case nil, .object?: break
    default: throw fields.mismatch(parameters, "a JSON schema of an object")
    }
    tool = Tool(
      name: try Self.name(fields), description: try fields.string("description"),
      parameters: schema, isStrict: try fields.boolean("strict") ?? false)
    field = fields.path(parameters)
  }

  /// Reads a tool whose input is a text: a function with one argument.
  fileprivate init(custom fields: FieldReader) throws(APIError) {
    var input = JSONObject()
    input["type"] = .string("string")
    var inputGrammar: String?
    if let format = try fields.reader("format"), try format.word("type") == "grammar" {
      let grammar = try format.reader("grammar") ?? format
      guard let syntax = try grammar.word("syntax") else { throw grammar.missing("syntax") }
      guard let definition = try grammar.string("definition") else {
        throw grammar.missing("definition")
      }
      if syntax == "regex" {
        input["pattern"] = .string("^(?:\(definition))$")
      } else {
        inputGrammar = definition
        input["description"] = .string("A text of this grammar in Lark's notation:\n\(definition)")
      }
    }
    var schema = JSONObject()
    schema["type"] = .string("object")
    var properties = JSONObject()
    properties["input"] = .object(input)
    schema["properties"] = .object(properties)
    schema["required"] = .array([.string("input")])
    schema["additionalProperties"] = .bool(false)
    tool = Tool(
      name: try Self.name(fields), description: try fields.string("description"),
      parameters: .object(schema), isStrict: true)
    tool.inputGrammar = inputGrammar
    field = fields.path("format")
    isCustom = true
  }

  private static func name(_ fields: FieldReader) throws(APIError) -> String {
    guard let name = try fields.string("name") else { throw fields.missing("name") }
    guard name.hasOnlyLettersDigits(and: "-./:_"), (1...128).contains(name.utf8.count) else {
      throw fields.invalid("name", "must have 1 to 128 letters, digits, and any of _ - . : /")
    }
    return name
  }

  private static func builtin(_ fields: FieldReader) -> APIError {
    .unsupported(fields.path("type"), "tools of the server's own are")
  }
}
