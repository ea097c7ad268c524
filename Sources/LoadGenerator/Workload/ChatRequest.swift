import JSON

/// The body of a request for a streamed chat completion.
struct ChatRequest: Sendable {
  /// One message of a conversation.
  struct Message: Sendable, Hashable {
    let role: String
    let content: String
  }

  /// The model's name.
  var model: String
  /// The conversation so far.
  var messages: [Message]
  /// Tokens that the answer may have.
  var maximumTokens: Int?
  /// Whether the answer goes on to its limit, so that every run asks for the same work.
  var ignoresEnd = false
  /// Randomness.
  var temperature = 0.0

  /// The bytes to send.
  ///
  /// The limit has both its old and its new name: servers know one or the other.
  var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("model", model)
      json.member("messages") { json in
        json.array { json in
          for message in messages {
            json.object { json in
              json.member("role", message.role)
              json.member("content", message.content)
            }
          }
        }
      }
      json.member("stream") { $0.value(true) }
      json.member("stream_options") { json in
        json.object { json in json.member("include_usage") { $0.value(true) } }
      }
      json.member("temperature") { $0.value(temperature) }
      if let maximumTokens {
        json.member("max_tokens", maximumTokens)
        json.member("max_completion_tokens", maximumTokens)
      }
      if ignoresEnd { json.member("ignore_eos") { $0.value(true) } }
    }
    return json.bytes
  }
}
