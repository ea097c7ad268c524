import Synchronization

/// How forms of answers were made ready and enforced.
public struct ConstraintMeasures: Sendable, Hashable {
  /// Forms that were asked for and there already.
  public internal(set) var hits = 0
  /// Forms that had to be compiled.
  public internal(set) var misses = 0
  /// Memory that those hold that are kept, in bytes, about.
  public internal(set) var bytes = 0
  /// Forms that cannot be enforced, by why.
  public internal(set) var refusals: [ConstraintError.Code: Int] = [:]
  /// Seconds to compile a form, or to find that it cannot be enforced.
  public internal(set) var compileTime = Distribution(bounds: Self.compileBounds)
  /// Seconds to work out which tokens may come next.
  public internal(set) var maskTime = Distribution(bounds: Self.maskBounds)
  /// Tokens that were taken because no other was allowed.
  public internal(set) var forcedTokens = 0

  /// Creates measures of nothing.
  init() {}

  private static let compileBounds = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
  ]
  private static let maskBounds = [
    1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 5e-2,
  ]
}

/// Measures that are written where forms are compiled while others read them.
final class ConstraintLog: Sendable {
  private let measures = Mutex(ConstraintMeasures())

  /// What has been measured so far.
  var snapshot: ConstraintMeasures { measures.withLock { $0 } }

  /// Notes something.
  func note(_ body: (inout ConstraintMeasures) -> Void) { measures.withLock { body(&$0) } }
}
