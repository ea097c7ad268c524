import JSON

/// Reads the event stream of a chat completion.
struct CompletionReader: ResponseReader {
  /// How much one answer may send.
  struct Limits: Sendable {
    /// Bytes of one event.
    var eventBytes = 1 << 20
    /// Bytes of the whole answer.
    var answerBytes = 64 << 20
  }

  private let limits: Limits
  private var parser: ServerSentEventParser
  private var answer = Answer()
  private var refusal: RefusalReader?
  private var receivedBytes = 0
  private var isDone = false

  /// Begins before the status line.
  init(limits: Limits = Limits()) {
    self.limits = limits
    parser = ServerSentEventParser(maximumEventBytes: limits.eventBytes)
  }

  /// Takes the status and the media type in.
  mutating func begin(status: Int, contentType: String?) throws(RequestFailure) {
    guard status == 200 else {
      refusal = RefusalReader(status: status)
      return
    }
    guard let contentType, contentType.lowercased().hasPrefix("text/event-stream") else {
      throw RequestFailure(
        .badStream, "the answer is \(contentType ?? "untyped"), not an event stream")
    }
  }

  /// Takes a part of the stream in.
  mutating func receive(_ bytes: [UInt8], at time: Duration) throws(RequestFailure) {
    guard refusal == nil else {
      refusal?.receive(bytes)
      return
    }
    receivedBytes += bytes.count
    guard receivedBytes <= limits.answerBytes else {
      throw RequestFailure(.badStream, "the answer has more than \(limits.answerBytes) bytes")
    }
    let events: [[UInt8]]
    do {
      events = try parser.append(bytes)
    } catch {
      throw RequestFailure(.badStream, "an event has more than \(error.limit) bytes")
    }
    for event in events { try receive(event: event, at: time) }
  }

  /// Returns the answer, which must have come to its end mark and have content.
  func end() throws(RequestFailure) -> Answer {
    if let refusal { throw refusal.failure }
    guard isDone else { throw RequestFailure(.badStream, "the stream has no [DONE]") }
    guard !answer.pieceTimes.isEmpty else {
      throw RequestFailure(.badStream, "the answer has no content")
    }
    return answer
  }

  private mutating func receive(event: [UInt8], at time: Duration) throws(RequestFailure) {
    guard !isDone else { return }
    if event.elementsEqual("[DONE]".utf8) {
      isDone = true
      return
    }
    let chunk: JSONValue
    do {
      chunk = try JSONValue(parsing: event)
    } catch {
      throw RequestFailure(.badStream, "an event is not JSON: \(error)")
    }
    guard case .object(let members) = chunk else {
      throw RequestFailure(.badStream, "an event is not a JSON object")
    }
    if let error = members["error"], error != .null {
      throw RequestFailure(.badStream, "the server reports an error: \(Self.message(of: error))")
    }
    if case .object(let usage)? = members["usage"] { take(usage: usage) }
    guard case .array(let choices)? = members["choices"] else { return }
    for case .object(let choice) in choices { take(choice: choice, at: time) }
  }

  private mutating func take(choice: JSONObject, at time: Duration) {
    if case .string(let reason)? = choice["finish_reason"] { answer.finishReason = reason }
    guard case .object(let delta)? = choice["delta"] else { return }
    var hasContent = false
    for name in ["reasoning_content", "reasoning", "content"] {
      guard case .string(let text)? = delta[name], !text.isEmpty else { continue }
      hasContent = true
      if name == "content" { answer.text += text }
    }
    if case .array(let calls)? = delta["tool_calls"], !calls.isEmpty { hasContent = true }
    if hasContent { answer.pieceTimes.append(time) }
  }

  private mutating func take(usage: JSONObject) {
    answer.promptTokens = Self.count(usage["prompt_tokens"]) ?? answer.promptTokens
    answer.completionTokens = Self.count(usage["completion_tokens"]) ?? answer.completionTokens
    if case .object(let details)? = usage["prompt_tokens_details"] {
      answer.cachedTokens = Self.count(details["cached_tokens"]) ?? answer.cachedTokens
    }
  }

  /// Reads a count; one that no server can mean is as good as none, and could overflow a sum.
  private static func count(_ value: JSONValue?) -> Int? {
    guard case .integer(let count)? = value, (0...1_000_000_000).contains(count) else { return nil }
    return count
  }

  private static func message(of error: JSONValue) -> String {
    switch error {
    case .object(let members):
      if case .string(let message)? = members["message"] { return message }
      return "without a message"
    case .string(let message): return message
    default: return "without a message"
    }
  }
}
