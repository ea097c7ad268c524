import NIOCore

/// Says whether something happens too often: a number of times at once is fine, and so many times
/// again in each period.
struct EventBudget {
  private let capacity: Double
  private let perNanosecond: Double
  private let most: Double
  private var left: Double
  private var last: NIODeadline?

  /// Allows a number of events in each period; further ones may be earned, and saved up to a limit.
  init(
    events: Int = HTTP2Limits.events, period: TimeAmount = HTTP2Limits.period, saved: Int? = nil
  ) {
    capacity = Double(events)
    perNanosecond = capacity / Double(period.nanoseconds)
    most = Double(saved ?? events)
    left = capacity
  }

  /// Counts an event; false if it is one too many.
  mutating func spend(at now: NIODeadline) -> Bool {
    if let last, left < capacity {
      left = min(capacity, left + Double((now - last).nanoseconds) * perNanosecond)
    }
    last = now
    guard left >= 1 else { return false }
    left -= 1
    return true
  }

  /// Allows further events.
  mutating func earn(_ events: Int) {
    left = min(most, left + Double(events))
  }
}
