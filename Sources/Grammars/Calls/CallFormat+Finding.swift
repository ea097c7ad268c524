package import JSON

extension CallFormat {
  /// What a template's way of writing calls was told by.
  package enum Finding: Hashable, Sendable {
    /// Calls that the template wrote.
    case calls
    /// Marks that the template shows where there are tools.
    case tools
    /// Nothing: the template shows no tools, and must be told of them in a message.
    case none
  }

  /// Renders messages with tools and further variables by a chat template.
  package typealias Renderer = (
    _ messages: [JSONValue], _ tools: [JSONValue], _ variables: JSONObject
  ) throws -> String

  /// Finds the format that a chat template writes calls in.
  ///
  /// It renders conversations that differ in a call, and looks which known format's text is what came
  /// with the call. Templates that drop calls often describe the form where there are tools, or have its
  /// marks in their text. Where nothing is found the format is Hermes'. One that no rendering shows is to be
  /// described in the system message, unless the template shows the tools.
  ///
  /// - Parameter source: The text of the template.
  package static func find(
    rendering render: Renderer, source: String = ""
  ) -> (format: CallFormat, by: Finding) {
    let plain = (try? render(Probe.messages(calls: []), [], JSONObject())) ?? ""
    let told = (try? render(Probe.messages(calls: []), [Probe.tool], JSONObject())) ?? ""
    let called =
      (try? render(Probe.messages(calls: [Probe.call]), [Probe.tool], JSONObject()))
      ?? (try? render(Probe.messages(calls: [Probe.call], asText: true), [Probe.tool], JSONObject()))
      ?? ""
    // A format without marks is a part of what others write.
    let blocks = families.filter { $0.begins.first.map { !$0.isEmpty } ?? false }
    let marked = families.filter { $0.layout != .blocks || $0.begins.first != "" }
    let probe = [Probe.call]
    for format in marked where called.contains(format.text(of: probe)) { return (format, .calls) }
    for format in marked + families where writes(format, in: called) { return (format, .calls) }
    for format in blocks where shows(format, in: called, but: told) { return (format, .calls) }
    for format in blocks where shows(format, in: told, but: plain) { return (format, .tools) }
    let isShown = told.contains(Probe.call.name)
    let isCalled =
      called.ranges(of: Probe.call.name).count > told.ranges(of: Probe.call.name).count
    return (Self.marked(in: source) ?? hermes, isCalled ? .calls : isShown ? .tools : .none)
  }

  /// The format whose marks, which no other has, stand in the text of a template.
  private static func marked(in source: String) -> CallFormat? {
    let marks: [(texts: [String], format: CallFormat)] = [
      (["<|channel|>", "commentary"], harmony), (["<|tool_call_argument_begin|>"], kimi),
      (["<|tool_call_start|>"], lfm2), (["[TOOL_CALLS]", "[ARGS]"], mistralNamed),
      (["[TOOL_CALLS]"], mistralList), (["<|tools_prefix|>"], apertus),
      (["<｜tool▁calls▁begin｜>"], deepSeek3), (["<|tool_call|>", "<|/tool_call|>"], phi4),
      (["<|tool_call|>"], granite3), (["<TOOLCALL>"], nemotron2),
      (["<tool_call>", "<function="], qwenCoder), (["<tool_call>"], hermes),
    ]
    return marks.first { $0.texts.allSatisfy(source.contains) }?.format
  }

  /// Whether a rendering has the probe's call as a format writes it, white space aside.
  private static func writes(_ format: CallFormat, in rendering: String) -> Bool {
    return compact(rendering).contains(compact(format.text(of: [Probe.call])))
  }

  /// Whether a rendering has all marks of a format, and more often than another has.
  private static func shows(_ format: CallFormat, in rendering: String, but other: String) -> Bool {
    let marks = [format.begins.first ?? "", format.callBegin, format.end, format.body.mark]
      .map(compact).filter { !$0.isEmpty }
    let (text, other) = (compact(rendering), compact(other))
    return !marks.isEmpty
      && marks.allSatisfy { text.ranges(of: $0).count > other.ranges(of: $0).count }
  }

  private static func compact(_ text: String) -> String {
    String(decoding: text.utf8.filter { !Symbol($0).isSpace }, as: UTF8.self)
  }
}

extension CallBody {
  /// What shows that calls are written so.
  fileprivate var mark: String {
    switch self {
    case .object(let fields): "\"\(fields.name)\":"
    case .named(let call): call.argumentsMark
    case .tagged(let tags): tags.keyBegin
    case .keyed, .python, .braces: ""
    }
  }
}

/// The conversation that templates are tried with.
private enum Probe {
  static let call = CallFormat.Call(
    id: "a1B2c3D4e", name: "probe_tool",
    arguments: object([("first_key", .string("some text")), ("second_key", .integer(7))]))

  static let tool = JSONValue.object(
    object([
      ("type", .string("function")),
      (
        "function",
        .object(
          object([
            ("name", .string(call.name)), ("description", .string("Tries a template.")),
            (
              "parameters",
              .object(
                object([
                  ("type", .string("object")),
                  (
                    "properties",
                    .object(
                      object([
                        ("first_key", .object(object([("type", .string("string"))]))),
                        ("second_key", .object(object([("type", .string("integer"))]))),
                      ]))
                  ),
                ]))
            ),
          ]))
      ),
    ]))

  /// A question and an answer, with calls if there are some; their arguments as an object or as text.
  static func messages(calls: [CallFormat.Call], asText: Bool = false) -> [JSONValue] {
    let question = object([("role", .string("user")), ("content", .string("A question."))])
    var answer = object([("role", .string("assistant")), ("content", .string(""))])
    if calls.isEmpty { answer["content"] = .string("An answer.") }
    let values = calls.map { call in
      let arguments = JSONValue.object(call.arguments)
      let function = object([
        ("name", .string(call.name)),
        ("arguments", asText ? .string(CallFormat.json(arguments)) : arguments),
      ])
      return JSONValue.object(
        object([
          ("id", .string(call.id)), ("type", .string("function")),
          ("function", .object(function)),
        ]))
    }
    if !values.isEmpty { answer["tool_calls"] = .array(values) }
    return [.object(question), .object(answer)]
  }

  private static func object(_ members: [(String, JSONValue)]) -> JSONObject {
    var object = JSONObject()
    for (name, value) in members { object[name] = value }
    return object
  }
}
