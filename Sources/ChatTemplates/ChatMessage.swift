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

  /// Creates a message.
  public init(role: String, content: String, extra: JSONObject = JSONObject()) {
    self.role = role
    self.content = content
    self.extra = extra
  }
}
