import NIOConcurrencyHelpers

/// What later requests may ask for, or go on from: responses and conversations, the newest within a bound
/// of bytes.
///
/// Nobody but its owner finds an entry: for others it is not there.
final class ResponseMemory: Sendable {
  /// What an entry is.
  private enum Entry {
    case response(KeptResponse)
    case conversation(KeptConversation)

    var owner: String {
      switch self {
      case .response(let response): response.owner
      case .conversation(let conversation): conversation.owner
      }
    }

    var byteCount: Int {
      switch self {
      case .response(let response): response.byteCount
      case .conversation(let conversation): conversation.byteCount
      }
    }
  }

  private struct State {
    var entries: [String: Entry] = [:]
    /// Names in the order in which they came or were changed.
    var order: [String] = []
    var bytes = 0

    /// An entry of an owner's.
    func entry(_ id: String, of owner: String) -> Entry? {
      entries[id].flatMap { $0.owner.utf8.elementsEqual(owner.utf8) ? $0 : nil }
    }

    mutating func remove(_ id: String) {
      guard let entry = entries.removeValue(forKey: id) else { return }
      order.removeAll { $0 == id }
      bytes -= entry.byteCount
    }

    /// Adds the newest entry, and removes the oldest ones that there is no room for.
    mutating func add(_ entry: Entry, _ id: String, byteLimit: Int) {
      entries[id] = entry
      order.append(id)
      bytes += entry.byteCount
      var forgotten = 0
      while bytes > byteLimit, forgotten < order.count {
        let oldest = entries.removeValue(forKey: order[forgotten])
        bytes -= oldest?.byteCount ?? 0
        forgotten += 1
      }
      order.removeFirst(forgotten)
    }
  }

  /// What became of a change.
  enum Change {
    case done(KeptConversation)
    /// There is no conversation of this name.
    case unknown
    /// The conversation would be larger than all the room.
    case full
  }

  /// Bytes that all entries may take together, about.
  let byteLimit: Int
  private let state = NIOLockedValueBox(State())

  /// Prepares to keep entries.
  init(byteLimit: Int) { self.byteLimit = byteLimit }

  /// Keeps a response, and forgets the oldest entries that there is no room for; one that is larger than
  /// all the room is not kept.
  func keep(_ response: KeptResponse) {
    guard response.byteCount <= byteLimit else { return }
    state.withLockedValue { state in
      state.add(.response(response), response.id, byteLimit: byteLimit)
    }
  }

  /// Keeps a new conversation; false where it is larger than all the room.
  func keep(_ conversation: KeptConversation) -> Bool {
    guard conversation.byteCount <= byteLimit else { return false }
    state.withLockedValue { state in
      state.add(.conversation(conversation), conversation.id, byteLimit: byteLimit)
    }
    return true
  }

  /// A response of an owner's; nil where there is none of this name.
  func response(_ id: String, of owner: String) -> KeptResponse? {
    state.withLockedValue { state in
      guard case .response(let response)? = state.entry(id, of: owner) else { return nil }
      return response
    }
  }

  /// A conversation of an owner's; nil where there is none of this name.
  func conversation(_ id: String, of owner: String) -> KeptConversation? {
    state.withLockedValue { state in
      guard case .conversation(let conversation)? = state.entry(id, of: owner) else { return nil }
      return conversation
    }
  }

  /// Changes a conversation of an owner's, which is the newest entry then.
  func change(
    _ id: String, of owner: String, _ body: (inout KeptConversation) -> Void
  ) -> Change {
    state.withLockedValue { state in
      guard case .conversation(var conversation)? = state.entry(id, of: owner) else {
        return .unknown
      }
      body(&conversation)
      guard conversation.byteCount <= byteLimit else { return .full }
      state.remove(id)
      state.add(.conversation(conversation), id, byteLimit: byteLimit)
      return .done(conversation)
    }
  }

  /// Forgets a response of an owner's; false where there is none of this name.
  func forget(_ id: String, of owner: String) -> Bool {
    state.withLockedValue { state in
      guard case .response? = state.entry(id, of: owner) else { return false }
      state.remove(id)
      return true
    }
  }

  /// Forgets a conversation of an owner's; false where there is none of this name.
  func forgetConversation(_ id: String, of owner: String) -> Bool {
    state.withLockedValue { state in
      guard case .conversation? = state.entry(id, of: owner) else { return false }
      state.remove(id)
      return true
    }
  }
}
