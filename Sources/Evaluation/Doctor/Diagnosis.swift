package import GPTModel
import Platform
package import Tensor

/// What a machine is, what it gives, and what a model makes of it.
package struct Diagnosis: Sendable {
  /// A speed beside the one that memory and arithmetic allow, both in tokens a second.
  package struct Speed: Sendable, Hashable {
    /// What the slower of memory and arithmetic allows.
    package var expected: Double
    /// What was measured.
    package var measured: Double

    /// The part of what could be.
    package var share: Double { expected > 0 ? measured / expected : 0 }
  }

  /// The machine.
  package var machine: Machine
  /// The library that multiplies weights stored as floats.
  package var blas: BLASLibrary
  /// The instruction sets whose kernels run here and agree with the plain ones.
  package var instructionSets: [InstructionSet]
  /// The one in use.
  package var instructionSet: InstructionSet
  /// The table of kernels in use.
  package var kernels: String
  /// Threads that compute, and why so many.
  package var threads: ThreadBudget
  /// Whether the program was built to be fast.
  package var isOptimized: Bool
  /// Bytes that all threads together read from memory in a second.
  package var bandwidth: Double
  /// Products of a weight and an activation that all threads together compute in a second.
  package var multiplications: Double
  /// The format of those weights.
  package var multipliedFormat: String
  /// The model, where there is one.
  package var model: ModelFacts?
  /// The share of all processors' time that other programs had meanwhile, where the system tells.
  package var othersShare: Double?
  /// The share of a quota's periods that ended early meanwhile; nil without a quota.
  package var throttledShare: Double?
}

/// What a doctor knows of a model.
package struct ModelFacts: Sendable {
  /// The name that clients use.
  package var name: String
  /// The weights, by use and format.
  package var weights: [WeightGroup]
  /// Bytes of all of them.
  package var weightBytes: Int
  /// Bytes of weights that a step reads.
  package var bytesPerToken: Int
  /// Products of a weight and an activation for a token of a prompt, and for one that is written.
  package var multiplications: (reading: Int, writing: Int)
  /// Bytes of key-value cache that a server takes by default, and those for one position.
  package var cacheBytes: Int
  package var cacheBytesPerPosition: Int
  /// Bytes in pages of 2 MiB once the model was loaded, where the system tells.
  package var hugePageBytes: Int?
  /// How long loading took.
  package var loading: LoadingTimes
  /// The speed at which tokens are written, one after the other.
  package var writing: Diagnosis.Speed
  /// The speed at which a prompt is read.
  package var reading: Diagnosis.Speed
}
