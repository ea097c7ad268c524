import Synchronization
import Tensor

/// Something about the build or the machine that makes engines slower than they need to be.
public struct EngineWarning: Sendable, Hashable {
  /// What it is about.
  #if hasAttribute(nonexhaustive)
    @nonexhaustive
  #endif
  public enum Kind: String, Sendable, Hashable {
    /// The kernels were compiled without optimization, as debug builds do.
    case unoptimizedKernels
  }

  /// What it is about.
  public let kind: Kind
}

extension EngineWarning: CustomStringConvertible {
  /// One sentence, with what to do.
  public var description: String {
    switch kind {
    case .unoptimizedKernels:
      "the kernels were compiled without optimization and are many times slower;"
        + " build with -c release, or with -Xcc -O2"
    }
  }
}

extension EngineWarning {
  /// What there is to say of a build.
  static func warnings(kernelsAreOptimized: Bool) -> [EngineWarning] {
    kernelsAreOptimized ? [] : [EngineWarning(kind: .unoptimizedKernels)]
  }

  private static let isReported = Atomic(false)

  /// Tells a handler of this build's warnings, once in a process.
  static func report(to handler: (@Sendable (EngineWarning) -> Void)?) {
    let warnings = warnings(kernelsAreOptimized: Processor.kernelsAreOptimized)
    guard let handler, !warnings.isEmpty,
      !isReported.exchange(true, ordering: .relaxed)
    else { return }
    for warning in warnings { handler(warning) }
  }
}
