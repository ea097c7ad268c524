import NIOConcurrencyHelpers

/// A store of requests that refills steadily: who saved up may call quickly for a while.
struct TokenBucket: Hashable {
  /// Requests that are added in a minute, and kept at most.
  let perMinute: Int
  private var level: Double
  /// When it was last filled, in seconds of the caller's clock.
  private var time: Double

  /// Creates a full store.
  init(perMinute: Int, at time: Double) {
    self.perMinute = perMinute
    level = Double(perMinute)
    self.time = time
  }

  /// Takes one request out.
  ///
  /// - Returns: Nil when there was one; else the seconds until there will be.
  mutating func take(at now: Double) -> Double? {
    let perSecond = Double(perMinute) / 60
    level = min(Double(perMinute), level + max(0, now - time) * perSecond)
    time = max(time, now)
    guard level < 1 else {
      level -= 1
      return nil
    }
    return (1 - level) / perSecond
  }
}

/// How many requests each key has left.
final class RequestRates: Sendable {
  private let perMinute: Int?
  private let start = ContinuousClock.now
  private let buckets = NIOLockedValueBox<[String: TokenBucket]>([:])

  /// Gives each key so many requests a minute; nil for any number.
  init(perMinute: Int?) {
    self.perMinute = perMinute
  }

  /// Takes a request of a key, told by its name; names come from the operator, so they are few.
  ///
  /// - Returns: Nil when it had one left; else the seconds until it has.
  func take(_ name: String) -> Double? {
    guard let perMinute else { return nil }
    let now = (ContinuousClock.now - start) / .seconds(1)
    return buckets.withLockedValue { buckets in
      buckets[name, default: TokenBucket(perMinute: perMinute, at: now)].take(at: now)
    }
  }
}
