import Hummingbird
import JSON

extension KeptConversation {
  /// Writes OpenAI's conversation object.
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("id", id)
      json.member("object", "conversation")
      json.member("created_at", created)
      json.member("metadata") { $0.value(JSONValue.object(metadata)) }
    }
  }
}

/// A part of a conversation's items.
struct ItemPage {
  /// The items, in the order that was asked for.
  var items: [ConversationItem]
  /// Whether there are more after them.
  var hasMore = false

  /// Items that a page has at most, and has where nothing else is asked for.
  private static let (mostItems, usualItems) = (100, 20)

  /// All of some items.
  init(_ items: [ConversationItem]) { self.items = items }

  /// The items that a request asks for by `order`, `after` and `limit`.
  init(_ all: [ConversationItem], _ request: Request) throws(APIError) {
    let query = request.uri.queryParameters
    switch query["order"] {
    case nil, "desc": items = all.reversed()
    case "asc": items = all
    default: throw .invalid("order", "order must be asc or desc")
    }
    if let after = query["after"] {
      let id = ExactText(after)
      guard let index = items.firstIndex(where: { $0.id == id }) else {
        throw .invalid("after", "after must name an item of the conversation")
      }
      items.removeFirst(index + 1)
    }
    var limit = Self.usualItems
    if let text = query["limit"] {
      guard let count = Int(text), (1...Self.mostItems).contains(count) else {
        throw .invalid("limit", "limit must be an integer between 1 and \(Self.mostItems)")
      }
      limit = count
    }
    hasMore = items.count > limit
    items = Array(items.prefix(limit))
  }

  /// Writes OpenAI's list of items.
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("object", "list")
      json.member("data") { $0.value(JSONValue.array(items.map(\.value))) }
      json.member("first_id", items.first?.id.text)
      json.member("last_id", items.last?.id.text)
      json.member("has_more") { $0.value(hasMore) }
    }
  }
}
