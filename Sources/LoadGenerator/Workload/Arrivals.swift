import Foundation

/// The moments at which requests arrive in an open loop, counted from the start; endless.
///
/// They are known before the first answer, so a slow server cannot thin out the load that it is
/// measured with.
package struct Arrivals: Sequence, IteratorProtocol, Sendable {
  /// How the moments are spread.
  package enum Pattern: String, Sendable, CaseIterable {
    /// Independent of each other, as from many people: gaps follow an exponential distribution.
    case poisson
    /// At equal distances, the first at once.
    case constant
  }

  private let rate: Double
  private let pattern: Pattern
  private var random: SplitMix64
  private var count = 0.0
  private var elapsed = 0.0

  /// Plans arrivals.
  ///
  /// - Parameters:
  ///   - rate: Arrivals per second, above zero.
  ///   - seed: Names the random sequence; equal seeds give equal arrivals.
  package init(rate: Double, pattern: Pattern, seed: UInt64) {
    self.rate = rate
    self.pattern = pattern
    random = SplitMix64(seed: seed)
  }

  /// Returns the next arrival, never earlier than the one before.
  package mutating func next() -> Duration? {
    switch pattern {
    case .constant:
      elapsed = count / rate
      count += 1
    case .poisson:
      elapsed -= log1p(-random.uniform()) / rate
    }
    return .bounded(seconds: elapsed)
  }
}
