import ChatTemplates
import JSON
import NIOConcurrencyHelpers

/// A response that later requests may ask for, or go on from.
struct KeptResponse: Sendable {
  /// The response's name.
  let id: String
  /// Whose it is: the key of the client, or nothing where nobody needs one.
  let owner: String
  /// The response as it was answered.
  let document: [UInt8]
  /// The items that the request brought.
  let input: [JSONValue]
  /// The conversation up to the answer and with it, without instructions.
  let messages: [ChatMessage]

  /// Memory that it takes, about.
  var byteCount: Int {
    let texts = messages.reduce(0) { $0 + $1.content.utf8.count }
    // Input and calls are in the messages as well, in another form.
    return 1024 + id.utf8.count + owner.utf8.count + document.count + 3 * texts + 256 * input.count
  }
}

/// The responses that were kept, the newest within a bound of bytes.
///
/// Nobody but its owner finds a response: for others it is not there.
final class ResponseMemory: Sendable {
  private struct State {
    var entries: [String: KeptResponse] = [:]
    /// Names in the order in which they came.
    var order: [String] = []
    var bytes = 0
  }

  private let byteLimit: Int
  private let state = NIOLockedValueBox(State())

  /// Prepares to keep responses.
  init(byteLimit: Int) { self.byteLimit = byteLimit }

  /// Keeps a response, and forgets the oldest ones that there is no room for; one that is larger than
  /// all the room is not kept.
  func keep(_ response: KeptResponse) {
    let size = response.byteCount
    guard size <= byteLimit else { return }
    state.withLockedValue { state in
      state.entries[response.id] = response
      state.order.append(response.id)
      state.bytes += size
      var forgotten = 0
      while state.bytes > byteLimit, forgotten < state.order.count {
        let oldest = state.entries.removeValue(forKey: state.order[forgotten])
        state.bytes -= oldest?.byteCount ?? 0
        forgotten += 1
      }
      state.order.removeFirst(forgotten)
    }
  }

  /// A response of an owner's; nil where there is none of this name.
  func response(_ id: String, of owner: String) -> KeptResponse? {
    state.withLockedValue { state in
      state.entries[id].flatMap { $0.owner.utf8.elementsEqual(owner.utf8) ? $0 : nil }
    }
  }

  /// Forgets a response of an owner's; false where there is none of this name.
  func forget(_ id: String, of owner: String) -> Bool {
    state.withLockedValue { state in
      guard let entry = state.entries[id], entry.owner.utf8.elementsEqual(owner.utf8) else {
        return false
      }
      state.entries[id] = nil
      state.order.removeAll { $0 == id }
      state.bytes -= entry.byteCount
      return true
    }
  }
}
