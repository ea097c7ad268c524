package import NIOCore

/// A store of events that refills steadily: a burst up to its size is fine, and beyond it a steady rate.
package struct TokenBucket {
  private let capacity: Double
  private let perNanosecond: Double
  private let most: Double
  private var level: Double
  /// When it was last filled.
  private var filled: NIODeadline?

  /// Creates a full store.
  ///
  /// - Parameters:
  ///   - events: How many it holds, and how many flow in during each period.
  ///   - most: How many it may hold with those that are added besides; nil for no more.
  package init(_ events: Int, per period: TimeAmount, most: Int? = nil) {
    capacity = Double(events)
    perNanosecond = capacity / Double(max(1, period.nanoseconds))
    self.most = Double(most ?? events)
    level = capacity
  }

  /// Takes one event out.
  ///
  /// - Returns: Nil when there was one; else the time until there will be.
  package mutating func take(at now: NIODeadline) -> TimeAmount? {
    if let filled, filled < now, level < capacity {
      level = min(capacity, level + Double((now - filled).nanoseconds) * perNanosecond)
    }
    filled = max(filled ?? now, now)
    guard level < 1 else {
      level -= 1
      return nil
    }
    return .nanoseconds(Int64(exactly: ((1 - level) / perNanosecond).rounded()) ?? .max)
  }

  /// Adds events besides those that flow in.
  mutating func add(_ events: Int) {
    level = min(most, level + Double(events))
  }
}
