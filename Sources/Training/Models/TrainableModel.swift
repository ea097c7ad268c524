package import ChatTemplates
package import GPTModel
package import ModelFiles
import Tensor
package import Tokenizers

/// A model of files whose weights can be trained: the same files and specs that are served.
package final class TrainableModel {
  /// The files.
  package let source: any ModelSource
  /// The network.
  package let decoder: TrainableDecoder
  /// All parameters in the order of training.
  package let weights: FloatBuffer
  /// The tokenizer.
  package let tokenizer: Tokenizer
  /// The chat template, where the files have one that can be used.
  package let template: ChatTemplate?
  /// The text of the chat template.
  package let templateSource: String
  private let naming: TensorNaming
  private let turnsHalves: Bool

  /// The sizes.
  package var shape: ModelShape { decoder.shape }

  /// Reads a GGUF file or a folder.
  package convenience init(path: String) throws {
    try self.init(source: ModelSources.open(path: path))
  }

  /// Reads a model, whatever formats its weights have, into numbers of single precision.
  package init(source: any ModelSource) throws {
    let architecture = try Architectures.named(source.configuration)
    let spec = try architecture.description(source.configuration)
    let decoder = try TrainableDecoder(ModelShape(spec))
    let requirements = spec.tensors
    let tensors = try source.tensors(architecture.naming, for: requirements)
    try ModelTensors(tensors).check(expected: requirements)
    let weights = try FloatBuffer(count: decoder.parameters.count)
    let turnsHalves = spec.layers.first?.attention?.rotary?.pairing == .halves
    try Self.read(
      source, architecture.naming, requirements,
      into: WeightTarget(decoder: decoder, weights: weights, turnsHalves: turnsHalves))
    let tokenizer = try Tokenizer(source.vocabulary)
    let templates = LoadedTemplates(source, tokenizer: tokenizer)
    self.source = source
    self.decoder = decoder
    self.weights = weights
    self.tokenizer = tokenizer
    template = templates.usual
    templateSource = templates.source
    naming = architecture.naming
    self.turnsHalves = turnsHalves
  }

  private static func read(
    _ source: any ModelSource, _ naming: TensorNaming, _ requirements: [TensorRequirement],
    into target: WeightTarget
  ) throws {
    _ = try source.read(naming, for: requirements) { tensor, bytes in
      try target.take(tensor, bytes)
    }
  }

  /// The model with its weights as they are now, as the engine loads it.
  package func served(threads: Int? = nil) throws -> LoadedModel {
    var options = LoadedModel.LoadingOptions()
    options.threads = threads
    return try LoadedModel.read(from: trainedSource, options: options)
  }

  /// The files with other weights.
  package var trainedSource: any ModelSource {
    TrainedSource(
      base: source, shape: shape, list: decoder.parameters, weights: weights,
      turnsHalves: turnsHalves)
  }
}

/// Where the tensors of a model's files go.
private struct WeightTarget {
  private let places: [String: ParameterTensor]
  private let weights: FloatBuffer
  private let headLength: Int
  private let turnsHalves: Bool

  init(decoder: TrainableDecoder, weights: FloatBuffer, turnsHalves: Bool) {
    places = Dictionary(decoder.parameters.tensors.map { ($0.name, $0) }) { first, _ in first }
    self.weights = weights
    headLength = decoder.shape.headLength
    self.turnsHalves = turnsHalves
  }

  func take(_ tensor: SourceTensor, _ bytes: UnsafeRawBufferPointer) throws {
    guard let place = places[tensor.name] else {
      throw TrainingError(.configuration, field: tensor.name, "the tensor cannot be trained")
    }
    let values = weights[place.range]
    tensor.format.decode(bytes, into: values)
    if tensor.offset != 0 { for index in values.indices { values[index] += tensor.offset } }
    guard values.allSatisfy(\.isFinite) else {
      throw TrainingError(.corrupt, field: tensor.name, "a value is NaN or infinite")
    }
    guard turnsHalves, place.isRotated else { return }
    let order = RotaryOrder(headLength: headLength, columns: place.columns)
    _ = values.update(fromContentsOf: order.neighbours(of: UnsafeBufferPointer(values)))
  }
}
