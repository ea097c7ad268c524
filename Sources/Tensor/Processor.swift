package import CKernels
import Platform

/// What this machine can do, read once.
// Unchecked: the kernel table is constant memory.
public struct Processor: @unchecked Sendable {
  /// The instruction set in use.
  public let instructionSet: InstructionSet
  /// The functions written for it.
  package let kernels: UnsafePointer<apus_kernels>

  /// What the table of functions is called: the instruction set, and what it uses besides.
  package var kernelName: String { String(cString: kernels.pointee.name) }

  /// The instruction sets that this machine runs, plainest first.
  public static let available = InstructionSet.allCases.filter { table(of: $0) != nil }

  /// Takes the best instruction set, or exactly the one given.
  public init(limit: InstructionSet? = nil) throws(TensorError) {
    let wanted = limit ?? Self.available.last ?? .scalar
    guard let kernels = Self.table(of: wanted) else {
      throw TensorError(
        .unavailable, "processor",
        expected: "one of \(Self.available.map(\.rawValue).joined(separator: ", "))",
        given: wanted.rawValue)
    }
    instructionSet = wanted
    self.kernels = kernels
  }

  /// Whether the kernels were compiled with optimization, without which they are many times slower.
  package static var kernelsAreOptimized: Bool { apus_kernels_are_optimized() }

  /// The worker threads that this process should use, and why.
  public static func usableThreads() -> ThreadBudget {
    ThreadBudget.measured()
  }

  private static func table(of set: InstructionSet) -> UnsafePointer<apus_kernels>? {
    apus_kernels_for(set.level)
  }
}
