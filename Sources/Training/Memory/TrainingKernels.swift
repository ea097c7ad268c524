package import CTraining
package import Tensor

/// Which code multiplies matrices.
package enum MatrixBackend: String, CaseIterable, Sendable {
  /// Kernels of our own: the same bits with every instruction set.
  case own
  /// The system's BLAS: bits of one library on one machine.
  case blas
}

/// The kernels of training for one instruction set.
// Unchecked: the table is constant memory.
package struct TrainingKernels: @unchecked Sendable {
  /// The functions.
  package let table: UnsafePointer<apus_training_kernels>
  /// The instruction set.
  package let instructionSet: InstructionSet
  /// Which code multiplies matrices.
  package let backend: MatrixBackend

  /// Takes the best instruction set, or exactly the one given.
  package init(
    limit: InstructionSet? = nil, backend: MatrixBackend = .own
  ) throws(TensorError) {
    let processor = try Processor(limit: limit)
    guard let table = apus_training_kernels_for(processor.instructionSet.level) else {
      throw TensorError(
        .unavailable, "training", expected: "kernels for this processor",
        given: processor.instructionSet.rawValue)
    }
    self.table = table
    instructionSet = processor.instructionSet
    self.backend = backend
  }

  /// Columns of a panel of a packed matrix.
  var panel: Int { table.pointee.panel }

  /// Multiply-adds on registers alone, in operations; they take `rounds` rounds.
  package func keepBusy(rounds: Int) -> Int {
    var sums = [Float](repeating: 0.5, count: 16)
    return apus_training_peak(instructionSet.level, rounds, &sums)
  }
}

extension InstructionSet {
  /// The level of the tables.
  fileprivate var level: apus_level {
    switch self {
    case .scalar: APUS_LEVEL_PLAIN
    case .avx2: APUS_LEVEL_AVX2
    case .avx512: APUS_LEVEL_AVX512
    case .neon: APUS_LEVEL_NEON
    }
  }
}
