import HTTPTransport
import NIOConcurrencyHelpers
import NIOCore

/// How many requests each key has left.
final class RequestRates: Sendable {
  private let perMinute: Int?
  private let buckets = NIOLockedValueBox<[String: TokenBucket]>([:])

  /// Gives each key so many requests a minute; nil for any number.
  init(perMinute: Int?) {
    self.perMinute = perMinute
  }

  /// Takes a request of a key, told by its name; names come from the operator, so they are few.
  ///
  /// - Returns: Nil when it had one left; else the seconds until it has.
  func take(_ name: String, at now: NIODeadline = .now()) -> Double? {
    guard let perMinute else { return nil }
    let wait = buckets.withLockedValue { buckets in
      buckets[name, default: TokenBucket(perMinute, per: .minutes(1))].take(at: now)
    }
    return wait.map { Double($0.nanoseconds) / 1e9 }
  }
}
