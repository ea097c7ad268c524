package import ChatTemplates
package import JSON

/// Why a document is no conversation.
package enum ConversationError: Error, Hashable, Sendable {
  /// It is not JSON.
  case json(JSONError)
  /// It has no list of messages.
  case noMessages
  /// It has more messages than are read.
  case tooManyMessages(count: Int, limit: Int)
  /// A message has not the member or the value that it must have.
  case invalidMessage(index: Int, reason: String)
}

extension ConversationError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .json(let error): "it is no JSON: \(error)"
    case .noMessages: "it has no list of messages"
    case .tooManyMessages(let count, let limit):
      "it has \(count) messages, and may have \(limit)"
    case .invalidMessage(let index, let reason): "message \(index + 1) \(reason)"
    }
  }
}

/// A conversation as a document: an object with `messages`, each with a role and a content, as servers
/// take them.
package struct ConversationDocument: Sendable {
  /// Bytes of a document that is read.
  package static let byteLimit = 16 << 20
  /// Messages of a document that are read.
  package static let messageLimit = 10_000
  private static let limits = JSONLimits(depth: 16, values: 200_000)
  private static let thinking = "reasoning_content"

  /// The messages, oldest first.
  package let messages: [ChatMessage]

  /// Creates the document of messages.
  package init(messages: [ChatMessage]) {
    self.messages = messages
  }

  /// Reads a document; a list of messages alone is one, too. Members that are not known are passed over.
  package init(parsing bytes: [UInt8]) throws(ConversationError) {
    let document: JSONValue
    do {
      document = try JSONValue(parsing: bytes, limits: Self.limits)
    } catch {
      throw .json(error)
    }
    var list = document
    if case .object(let object) = document { list = object["messages"] ?? .null }
    guard case .array(let values) = list else { throw .noMessages }
    guard values.count <= Self.messageLimit else {
      throw .tooManyMessages(count: values.count, limit: Self.messageLimit)
    }
    var messages: [ChatMessage] = []
    for (index, value) in values.enumerated() {
      messages.append(try Self.message(value, at: index))
    }
    self.messages = messages
  }

  private static func message(
    _ value: JSONValue, at index: Int
  ) throws(ConversationError) -> ChatMessage {
    guard case .object(let object) = value else {
      throw .invalidMessage(index: index, reason: "is no object")
    }
    guard case .string(let role)? = object["role"], ChatMessage.usualRoles.contains(role) else {
      let roles = ChatMessage.usualRoles.sorted().joined(separator: ", ")
      throw .invalidMessage(index: index, reason: "has none of the roles \(roles)")
    }
    guard case .string(let content)? = object["content"] else {
      throw .invalidMessage(index: index, reason: "has no text as its content")
    }
    var message = ChatMessage(role: role, content: content)
    if case .string(let text)? = object[thinking] { message.extra[thinking] = .string(text) }
    return message
  }

  /// The document as bytes, a message a line.
  package var bytes: [UInt8] {
    var bytes = Array("{\"messages\":[".utf8)
    for (index, message) in messages.enumerated() {
      bytes += Array((index > 0 ? ",\n" : "\n").utf8)
      var json = JSONWriter()
      json.object { json in
        json.member("role", message.role)
        json.member("content", message.content)
        if case .string(let text)? = message.extra[Self.thinking] {
          json.member(Self.thinking, text)
        }
      }
      bytes += json.bytes
    }
    return bytes + Array("\n]}\n".utf8)
  }
}

extension ChatMessage {
  /// An answer, with what the model thought before it, if it did.
  package init(answer: String, thinking: String) {
    self.init(role: "assistant", content: answer)
    if !thinking.isEmpty { extra["reasoning_content"] = .string(thinking) }
  }
}
