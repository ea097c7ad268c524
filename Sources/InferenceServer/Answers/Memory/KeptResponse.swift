import ChatTemplates
import JSON

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
