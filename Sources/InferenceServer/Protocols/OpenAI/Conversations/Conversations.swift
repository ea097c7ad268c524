import ChatTemplates
import HTTPTransport
import HTTPTypes
import Hummingbird
import JSON
import Platform

/// `/v1/conversations`: conversations that are kept, and their items.
struct Conversations: Sendable {
  /// Reads requests, and has the memory.
  let context: RouteContext

  /// Begins a conversation.
  func create(_ request: Request) async throws -> Response {
    guard let memory = context.memory else {
      throw APIError.invalid(
        nil,
        "conversations are not kept here; send all messages, or have the server keep responses",
        .unsupportedValue)
    }
    let fields = try await context.fields(of: request, .conversation)
    var conversation = KeptConversation(
      id: "conv_" + RandomName.make(), owner: request.headers.clientKey, created: UnixTime.now,
      metadata: try fields.reader("metadata")?.object ?? JSONObject())
    conversation.add(try Self.items(fields, after: []))
    guard memory.keep(conversation) else { throw full(memory) }
    return Self.response(conversation)
  }

  /// Tells of a conversation.
  func tell(_ id: String?, to request: Request) throws(APIError) -> Response {
    Self.response(try find(id, request))
  }

  /// Replaces a conversation's notes.
  func update(_ id: String?, by request: Request) async throws -> Response {
    let fields = try await context.fields(of: request, .conversation)
    let metadata = try fields.reader("metadata")?.object ?? JSONObject()
    return Self.response(try change(id, request) { $0.metadata = metadata })
  }

  /// Forgets a conversation with its items; responses stay.
  func forget(_ id: String?, for request: Request) throws(APIError) -> Response {
    guard let id, context.memory?.forgetConversation(id, of: request.headers.clientKey) == true
    else { throw .unknownConversation(id ?? "") }
    return Response(deleted: id, "conversation.deleted")
  }

  /// Adds items to a conversation.
  func addItems(to id: String?, _ request: Request) async throws -> Response {
    let fields = try await context.fields(of: request, .conversation)
    guard fields.has("items") else { throw fields.missing("items") }
    let kept = try find(id, request)
    let values = try Self.items(fields, after: kept.messages())
    guard kept.items.count + values.count <= RequestLimits.messages else {
      throw fields.invalid(
        "items", "would make more than \(RequestLimits.messages) items of the conversation")
    }
    var added: [ConversationItem] = []
    _ = try change(id, request) { added = $0.add(values) }
    return Self.response(ItemPage(added))
  }

  /// Tells items of a conversation, page by page.
  func listItems(of id: String?, to request: Request) throws(APIError) -> Response {
    Self.response(try ItemPage(find(id, request).items, request))
  }

  /// Tells one item of a conversation.
  func tell(item name: String?, of id: String?, to request: Request) throws(APIError) -> Response {
    let wanted = ExactText(name ?? "")
    guard let item = try find(id, request).items.first(where: { $0.id == wanted }) else {
      throw .unknownItem(name ?? "")
    }
    var json = JSONWriter()
    json.value(item.value)
    return Response(json)
  }

  /// Removes one item of a conversation.
  func remove(item name: String?, of id: String?, for request: Request) throws(APIError) -> Response
  {
    var isThere = false
    let conversation = try change(id, request) { isThere = $0.remove(ExactText(name ?? "")) }
    guard isThere else { throw .unknownItem(name ?? "") }
    return Self.response(conversation)
  }

  private func find(_ id: String?, _ request: Request) throws(APIError) -> KeptConversation {
    guard let id, let kept = context.memory?.conversation(id, of: request.headers.clientKey) else {
      throw .unknownConversation(id ?? "")
    }
    return kept
  }

  private func change(
    _ id: String?, _ request: Request, _ body: (inout KeptConversation) -> Void
  ) throws(APIError) -> KeptConversation {
    guard let id, let memory = context.memory else { throw .unknownConversation(id ?? "") }
    switch memory.change(id, of: request.headers.clientKey, body) {
    case .done(let conversation): return conversation
    case .unknown: throw .unknownConversation(id)
    case .full: throw full(memory)
    }
  }

  private func full(_ memory: ResponseMemory) -> APIError {
    .invalid(
      nil, "the conversation would take more than the \(memory.byteLimit) bytes that are kept")
  }

  /// The items of a request, which are checked as the input of a response would be.
  private static func items(
    _ fields: FieldReader, after earlier: [ChatMessage]
  ) throws(APIError) -> [JSONObject] {
    guard let value = fields.value("items"), value != .array([]) else { return [] }
    guard case .array(let items) = value else {
      throw fields.mismatch("items", "an array of items")
    }
    _ = try ResponseItems.messages(fields, named: "items", after: earlier)
    return items.compactMap { if case .object(let item) = $0 { item } else { nil } }
  }

  private static func response(_ conversation: KeptConversation) -> Response {
    var json = JSONWriter()
    conversation.write(to: &json)
    return Response(json)
  }

  private static func response(_ page: ItemPage) -> Response {
    var json = JSONWriter()
    page.write(to: &json)
    return Response(json)
  }
}

extension KeptConversation {
  /// What was said so far.
  func messages() throws(APIError) -> [ChatMessage] {
    guard !items.isEmpty else { return [] }
    var object = JSONObject()
    object["items"] = .array(items.map(\.value))
    do throws(APIError) {
      return try ResponseItems.messages(
        FieldReader(object: object, table: .conversation), named: "items")
    } catch {
      // Items that belonged together may have been removed.
      throw .invalid("conversation", "the conversation cannot be gone on from: \(error.message)")
    }
  }
}
