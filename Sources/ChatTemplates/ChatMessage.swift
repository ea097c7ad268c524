public import JSON

/// One message of a conversation, as chat templates see it.
public struct ChatMessage: Sendable, Hashable {
  /// `system`, `user`, `assistant`, `tool`, or a role that only the template knows.
  public var role: String
  /// What was said.
  public var content: String
  /// Further members for the template, such as `name` or `tool_calls`.
  public var extra: JSONObject

  /// The roles that every model family has: a caller that lets no other role through can vouch for
  /// these.
  public static let usualRoles: Set<String> = ["system", "user", "assistant", "tool"]

  /// What the model is told before the conversation.
  public static func system(_ content: String) -> ChatMessage {
    ChatMessage(role: "system", content: content)
  }

  /// What somebody says to the model.
  public static func user(_ content: String) -> ChatMessage {
    ChatMessage(role: "user", content: content)
  }

  /// What the model has said.
  public static func assistant(_ content: String) -> ChatMessage {
    ChatMessage(role: "assistant", content: content)
  }

  /// What a tool gave.
  ///
  /// - Parameters:
  ///   - content: The result.
  ///   - call: The id of the call that it answers; nil where calls have none.
  public static func tool(_ content: String, answering call: String? = nil) -> ChatMessage {
    var message = ChatMessage(role: "tool", content: content)
    message.extra["tool_call_id"] = call.map { .string($0) }
    return message
  }

  /// Creates a message.
  public init(role: String, content: String, extra: JSONObject = JSONObject()) {
    self.role = role
    self.content = content
    self.extra = extra
  }
}
