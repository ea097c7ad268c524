package import ModelFiles
package import Tensor

/// What is made of the states of a text as a whole: a vector, or a score.
package struct PooledSpec: Sendable, Hashable {
  /// How the states become one.
  package var pooling = Pooling.mean
  /// Linear layers on that state, in order.
  package var layers: [PooledLayer] = []
  /// Whether the vector is made of length one: Reimers and Gurevych, "Sentence-BERT", 2019.
  package var isNormalized = true
  /// How a score is made of what the layers give; nil where the model gives none.
  package var score: ScoreSpec?

  /// The elements of the vector.
  ///
  /// - Parameter width: Model width, W.
  package func vectorWidth(_ width: Int) -> Int { layers.last?.outputs ?? width }
}

/// A linear layer on the pooled state, and what follows it.
package struct PooledLayer: Sendable, Hashable {
  /// The function after a linear layer.
  package enum Function: Sendable, Hashable {
    case none, tanh
    case activation(Activation)
  }

  /// The name of its tensors, before what they are.
  package var name: String
  /// The elements that it reads.
  package var inputs: Int
  /// The elements that it gives.
  package var outputs: Int
  /// Whether there is a bias.
  package var hasBias = false
  /// The function after it.
  package var function = Function.none
  /// The norm after that, whose tensors are called `cls.norm`; nil for none.
  package var norm: NormSpec?
}

/// How a score is made of what the last layer gives, or of the pooled state.
package struct ScoreSpec: Sendable, Hashable {
  /// What is computed of the numbers.
  package enum Function: Sendable, Hashable {
    /// 1 / (1 + e^-x) of the one number.
    case sigmoid
    /// The one number.
    case identity
    /// The share of the first of two in their softmax.
    case firstOfTwo
  }

  /// What is computed.
  package var function = Function.sigmoid
  /// Words whose logits are the numbers, where the last states give them; empty where layers do.
  package var words: [String] = []
  /// How a question and a document are laid out; nil where they are the two texts of a pair.
  package var layout: QuestionLayout?
}

extension PooledSpec {
  /// The tensors of the layers.
  package var tensors: [TensorRequirement] {
    layers.flatMap { layer in
      [.matrix(layer.name, [layer.inputs, layer.outputs])]
        + (layer.hasBias ? [.bias(layer.name, layer.outputs)] : [])
        + (layer.norm.map { $0.tensors("cls.norm", layer.outputs) } ?? [])
    }
  }

  /// Takes over what a configuration says of the vectors of texts.
  mutating func read(_ configuration: any ModelConfiguration, width: Int) throws(ModelError) {
    let modules = configuration.modules
    if score != nil {
      if modules.keepsLogits, score?.function == .sigmoid { score?.function = .identity }
      return
    }
    switch modules.pooling {
    case .mean?: pooling = .mean
    case .first?: pooling = .cls
    case .last?: pooling = .last
    case .rank?:
      throw ModelError(
        .unsupported, field: "pooling_type", "ranks, without a classifier that gives them")
    case nil: break
    }
    isNormalized = modules.normalizes
    for dense in modules.dense {
      let inputs = layers.last?.outputs ?? width
      guard dense.inputs == inputs, dense.outputs <= 65_536 else {
        throw ModelError(
          .invalid, field: dense.name,
          "a layer from \(dense.inputs) to \(dense.outputs) elements, where \(inputs) are given")
      }
      layers.append(
        PooledLayer(
          name: dense.name, inputs: dense.inputs, outputs: dense.outputs, hasBias: dense.hasBias,
          function: dense.hasTanh ? .tanh : .none))
    }
  }
}

extension TransformerSpec {
  /// Whether no position sees those after it.
  package var isCausal: Bool { layers.allSatisfy { $0.attention?.isCausal ?? true } }

  /// Has all positions see those after them too: what a window showed before a position, it shows half
  /// before and half after it.
  mutating func seeAhead() {
    for index in layers.indices {
      layers[index].attention?.isCausal = false
      if let window = layers[index].attention?.window {
        layers[index].attention?.window = window / 2 * 2 + 1
      }
    }
    head.hasLogits = false
  }

  /// Takes over what a configuration says of any architecture's use for texts as a whole.
  mutating func readModules(_ configuration: any ModelConfiguration) throws(ModelError) {
    if isCausal, try configuration.flagIfPresent(.isCausal) == false { seeAhead() }
    try pooled.read(configuration, width: width)
    let modules = configuration.modules
    contextLength = min(contextLength, modules.maximumLength ?? contextLength)
    let isBare = !configuration.hasHead && !head.isTied
    if modules.areStated || isBare { head.hasLogits = false }
    // One number needs a layer that gives one.
    guard let score, score.words.isEmpty else { return }
    let outputs = layers.isEmpty ? 0 : pooled.vectorWidth(width)
    let wanted = score.function == .firstOfTwo ? 2 : 1
    guard outputs == wanted else {
      throw ModelError(
        .unsupported, field: "cls.output.weight",
        "a classifier of \(outputs) classes; of one, or of yes and no, are supported")
    }
  }

  /// How a score is made; nil where the model gives none.
  private var score: ScoreSpec? { pooled.score }
}

extension Architecture {
  /// Describes the model that a configuration asks for, and what it makes of texts as a whole.
  package static func description(
    _ configuration: any ModelConfiguration
  ) throws(ModelError) -> TransformerSpec {
    var spec = try spec(configuration)
    try spec.readModules(configuration)
    return spec
  }
}
