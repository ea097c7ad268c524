import Tokenizers

/// Joins bytes to events, whole characters at a time.
struct EventSink: Sendable {
  /// What bytes belong to.
  enum Channel: Hashable, Sendable {
    case reasoning, content
    case arguments(Int)
  }

  private var events: [AnswerEvent] = []
  private var channel = Channel.content
  private var bytes: [UInt8] = []
  /// How many calls have begun.
  private(set) var callCount = 0

  /// Whether a call has begun.
  var hasCalls: Bool { callCount > 0 }

  /// Adds a byte to a channel.
  mutating func put(_ byte: UInt8, to next: Channel) {
    if next != channel {
      flush(upTo: bytes.count)
      channel = next
    }
    bytes.append(byte)
  }

  /// Adds a byte to the arguments of the latest call.
  mutating func putArgument(_ byte: UInt8) { put(byte, to: .arguments(callCount - 1)) }

  /// Begins a call.
  mutating func beginCall(id: String?, name: String) {
    flush(upTo: bytes.count)
    events.append(.callBegan(index: callCount, id: id, name: name))
    callCount += 1
  }

  /// Ends the latest call.
  mutating func endCall(isComplete: Bool) {
    flush(upTo: bytes.count)
    events.append(.callEnded(index: callCount - 1, isComplete: isComplete))
  }

  /// Takes the events so far; half a character waits unless all is asked for.
  mutating func drain(all: Bool) -> [AnswerEvent] {
    flush(upTo: all ? bytes.count : bytes.count - bytes.unfinishedLength)
    defer { events = [] }
    return events
  }

  private mutating func flush(upTo end: Int) {
    guard end > 0 else { return }
    let text = String(decoding: bytes[..<end], as: UTF8.self)
    bytes.removeFirst(end)
    switch channel {
    case .reasoning: events.append(.reasoning(text))
    case .content: events.append(.content(text))
    case .arguments(let index): events.append(.arguments(index: index, text))
    }
  }
}
