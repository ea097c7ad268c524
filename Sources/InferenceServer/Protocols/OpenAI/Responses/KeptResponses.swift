import ChatTemplates
import HTTPTransport
import HTTPTypes
import Hummingbird
import JSON

/// `GET` and `DELETE /v1/responses/{id}`, and `/v1/responses/{id}/input_items`.
struct KeptResponses: Sendable {
  /// The responses; nil where none are kept.
  let memory: ResponseMemory?

  /// Tells a response again, as it was answered.
  func tell(_ id: String?, to request: Request) throws(APIError) -> Response {
    let kept = try find(id, request)
    var headers = HTTPFields()
    headers[.contentType] = jsonContentType
    return Response(
      status: .ok, headers: headers, body: ResponseBody(byteBuffer: .init(bytes: kept.document)))
  }

  /// Tells the items that a response's request brought.
  func input(of id: String?, to request: Request) throws(APIError) -> Response {
    let kept = try find(id, request)
    var json = JSONWriter()
    json.object { json in
      json.member("object", "list")
      json.member("data") { $0.value(JSONValue.array(kept.input)) }
      json.member("first_id", kept.input.first?.itemID)
      json.member("last_id", kept.input.last?.itemID)
      json.member("has_more") { $0.value(false) }
    }
    return Response(json)
  }

  /// Forgets a response.
  func forget(_ id: String?, for request: Request) throws(APIError) -> Response {
    guard let id, memory?.forget(id, of: request.headers.clientKey) == true else {
      throw .unknownResponse(id ?? "")
    }
    return Response(deleted: id, "response")
  }

  private func find(_ id: String?, _ request: Request) throws(APIError) -> KeptResponse {
    guard let id, let kept = memory?.response(id, of: request.headers.clientKey) else {
      throw .unknownResponse(id ?? "")
    }
    return kept
  }
}

extension Response {
  /// OpenAI's answer to `DELETE`, for what is gone.
  init(deleted id: String, _ object: String) {
    var json = JSONWriter()
    json.object { json in
      json.member("id", id)
      json.member("object", object)
      json.member("deleted") { $0.value(true) }
    }
    self.init(json)
  }
}

extension JSONValue {
  fileprivate var asObject: JSONObject? {
    if case .object(let object) = self { object } else { nil }
  }

  fileprivate var itemID: String? {
    guard case .object(let item) = self, case .string(let id)? = item["id"] else { return nil }
    return id
  }
}

/// Keeps a response when it has ended, and adds it to its conversation.
struct ResponseKeeper: Sendable {
  private let memory: ResponseMemory
  private let owner: String

  /// Prepares to keep a response of a client's; nil where nothing is to be kept.
  init?(_ request: ResponseRequest, in memory: ResponseMemory?, owner: String) {
    guard let memory, request.isKept || request.continued != nil else { return nil }
    (self.memory, self.owner) = (memory, owner)
  }

  /// Keeps a response.
  ///
  /// A conversation that was forgotten meanwhile, or has no room for it, stays as it is.
  func keep(_ response: ResponseDocument) {
    let request = response.request
    if let conversation = request.continued {
      let items = (request.input + response.outputItems).compactMap(\.asObject)
      _ = memory.change(conversation.id, of: owner) { $0.add(items) }
    }
    guard request.isKept else { return }
    var json = JSONWriter()
    response.write(to: &json)
    memory.keep(
      KeptResponse(
        id: response.id, owner: owner, document: json.bytes, input: request.input,
        messages: request.history + [response.message]))
  }
}

extension ResponseDocument {
  /// The response's name.
  var id: String { builder.answer.heading.id }

  /// The items of the answer as values.
  var outputItems: [JSONValue] {
    items.compactMap { item in
      var json = JSONWriter()
      write(item, to: &json)
      // What a writer wrote is JSON.
      return try? JSONValue(parsing: json.bytes)
    }
  }

  /// The answer as a message of a conversation.
  var message: ChatMessage {
    let choice = builder.only
    var message = ChatMessage(role: "assistant", content: choice.text)
    if !choice.reasoning.isEmpty { message.extra["reasoning_content"] = .string(choice.reasoning) }
    message.add(
      choice.calls.map { call in
        call.isCustom
          ? PastCall(id: call.id, name: call.name, input: call.arguments)
          : PastCall(id: call.id, name: call.name, arguments: .string(call.arguments))
      })
    return message
  }
}
