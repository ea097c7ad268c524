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
    var json = JSONWriter()
    json.object { json in
      json.member("id", id)
      json.member("object", "response")
      json.member("deleted") { $0.value(true) }
    }
    return Response(json)
  }

  private func find(_ id: String?, _ request: Request) throws(APIError) -> KeptResponse {
    guard let id, let kept = memory?.response(id, of: request.headers.clientKey) else {
      throw .unknownResponse(id ?? "")
    }
    return kept
  }
}

extension JSONValue {
  fileprivate var itemID: String? {
    guard case .object(let item) = self, case .string(let id)? = item["id"] else { return nil }
    return id
  }
}

/// Keeps a response when it has ended.
struct ResponseKeeper: Sendable {
  private let memory: ResponseMemory
  private let owner: String

  /// Prepares to keep a response of a client's; nil where none are to be kept.
  init?(_ request: ResponseRequest, in memory: ResponseMemory?, owner: String) {
    guard let memory, request.isKept else { return nil }
    (self.memory, self.owner) = (memory, owner)
  }

  /// Keeps a response.
  func keep(_ response: ResponseDocument) {
    var json = JSONWriter()
    response.write(to: &json)
    memory.keep(
      KeptResponse(
        id: response.id, owner: owner, document: json.bytes, input: response.request.input,
        messages: response.request.history + [response.message]))
  }
}

extension ResponseDocument {
  /// The response's name.
  var id: String { builder.answer.heading.id }

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
