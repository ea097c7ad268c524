/// What is kept for one client.
struct ClientMemory: Sendable {
  /// What is kept for all.
  let memory: ResponseMemory
  /// The client's key, or nothing where nobody needs one.
  let owner: String

  /// A response; nil where there is none of this name.
  func response(_ id: String) -> KeptResponse? { memory.response(id, of: owner) }

  /// A conversation; nil where there is none of this name.
  func conversation(_ id: String) -> KeptConversation? { memory.conversation(id, of: owner) }
}
