import ModelFiles
package import Tensor

/// A kind of decoder: how its file describes it, and how it is put together from blocks.
package protocol Architecture: Sendable {
  /// The values of `general.architecture` that name it.
  static var names: [String] { get }

  /// Reads the hyper-parameters of a file.
  init(_ header: GGUFHeader) throws(ModelError)

  /// The sizes that memory and checks follow from.
  var shape: ModelShape { get }

  /// Every tensor the file must have, and no other.
  var tensors: [TensorRequirement] { get }

  /// Puts the decoder together.
  func makeDecoder(weights: ModelWeights, capacity: DecoderCapacity, compute: Compute) throws
    -> any Decoder
}

/// Computes steps of a model.
package protocol Decoder {
  /// Computes a step.
  ///
  /// - Returns: The logits of the rows that the batch wants, [S, V]; valid until the next step.
  func run(_ batch: Batch) -> Matrix

  /// Computes the logits of neighbouring rows of the last step, [rows, V], at most as many as it was
  /// built for; they take the place of those computed before.
  func logits(ofRows rows: Range<Int>) -> Matrix

  /// The states of neighbouring rows of the last step after the last norm, [rows, W]; valid until the
  /// next call.
  func states(ofRows rows: Range<Int>) -> Matrix
}

/// The architectures there are.
package enum Architectures {
  /// Adding one takes a file of its own and its name here.
  package static let all: [any Architecture.Type] = [Llama.self]

  /// The architecture that a file names.
  package static func named(_ name: String) throws(ModelError) -> any Architecture.Type {
    var known: [String] = []
    for architecture in all {
      if architecture.names.contains(name) { return architecture }
      known += architecture.names
    }
    throw ModelError(
      .unsupported, field: "general.architecture",
      "'\(name.prefix(64))' is not one of \(known.joined(separator: ", "))")
  }
}
