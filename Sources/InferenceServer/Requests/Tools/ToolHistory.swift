import ChatTemplates
import GPTModel
import JSON
import Platform

/// A call of a tool that a conversation has, as a client sends it back.
struct PastCall {
  /// The id, by which a result names it.
  var id: String
  /// The tool.
  var name: String
  /// The arguments, as JSON in a text unless they were sent as an object.
  var arguments: JSONValue

  /// A call of a custom tool, whose input is a text.
  init(id: String, name: String, input: String) {
    var object = JSONObject()
    object["input"] = .string(input)
    self.init(id: id, name: name, arguments: .object(object))
  }

  /// A call with arguments.
  init(id: String, name: String, arguments: JSONValue) {
    self.id = id
    self.name = name
    self.arguments = arguments
  }

  /// The call as chat templates know it.
  var json: JSONValue {
    var function = JSONObject()
    function["name"] = .string(name)
    function["arguments"] = arguments
    var call = JSONObject()
    call["id"] = .string(id)
    call["type"] = .string("function")
    call["function"] = .object(function)
    return .object(call)
  }
}

/// The calls of a conversation, against which results are checked.
struct ToolHistory {
  private var names: [[UInt8]: String] = [:]
  /// Ids of calls whose result has not come.
  private var open: [String] = []

  /// Begins with no call.
  init() {}

  /// Begins with the calls of a conversation.
  init(_ messages: [ChatMessage]) {
    for message in messages {
      if case .array(let calls)? = message.extra["tool_calls"] {
        for case .object(let call) in calls {
          guard case .string(let id)? = call["id"], case .object(let function)? = call["function"],
            case .string(let name)? = function["name"]
          else { continue }
          names[Array(id.utf8)] = name
          open.append(id)
        }
      }
      if case .string(let id)? = message.extra["tool_call_id"] {
        open.removeAll { $0.utf8.elementsEqual(id.utf8) }
      }
    }
  }

  /// Notes a call; one without id gets one.
  mutating func id(of call: String?) -> String {
    let id = call.flatMap { $0.isEmpty ? nil : $0 } ?? "call_\(names.count)"
    open.append(id)
    return id
  }

  /// Notes a call's tool.
  mutating func note(_ call: PastCall) { names[Array(call.id.utf8)] = call.name }

  /// The message of a result.
  ///
  /// - Parameters:
  ///   - id: The call's id; without it the result is that of the first call that has none.
  ///   - field: The field of the id.
  /// - Throws: An error that names the field where there is no such call.
  mutating func result(
    _ text: String, of id: String?, _ fields: FieldReader, _ field: String
  ) throws(APIError) -> ChatMessage {
    let wanted = id.flatMap { $0.isEmpty ? nil : $0 } ?? open.first
    guard let wanted else {
      throw fields.invalid(field, "names no call: no earlier message has a call without a result")
    }
    guard let name = names[Array(wanted.utf8)] else {
      throw fields.invalid(
        field,
        "is \(wanted.prefix(bytes: RequestLimits.echoedBytes)), which no call of an earlier message has"
      )
    }
    if let index = open.firstIndex(where: { $0.utf8.elementsEqual(wanted.utf8) }) {
      open.remove(at: index)
    }
    var message = ChatMessage(role: "tool", content: text)
    message.extra["tool_call_id"] = .string(wanted)
    message.extra["name"] = .string(name)
    return message
  }
}

extension ChatMessage {
  /// Adds calls to a message of the assistant's.
  mutating func add(_ calls: [PastCall]) {
    guard !calls.isEmpty else { return }
    var values: [JSONValue] = []
    if case .array(let earlier)? = extra["tool_calls"] { values = earlier }
    extra["tool_calls"] = .array(values + calls.map(\.json))
  }
}
