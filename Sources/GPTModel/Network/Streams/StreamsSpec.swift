import ModelFiles
package import Tensor

/// A second embedding: rows [L P] by token, to which a product of the first is added, and of which each
/// layer takes P elements.
package struct PerLayerEmbedding: Sendable, Hashable {
  /// The elements of each layer, P.
  package var width: Int
  /// Rows of the table; tokens beyond take the first.
  package var rows: Int
  /// The norm of each layer's part of the product.
  package var norm: NormSpec
}

/// What a layer does with its part of the second embedding: project(activation(gate(x)) · part).
package struct PerLayerInput: Sendable, Hashable {
  /// The elements, P.
  package var width: Int
  /// What is applied to the gate.
  package var activation: Activation
}

/// Several residual streams, of which layers read and change a mixture of all: Baykal et al.,
/// "Alternating Updates for Efficient Transformers", 2023.
package struct StreamsSpec: Sendable, Hashable {
  /// The streams.
  package var count: Int
  /// The stream that layers change.
  package var active: Int
  /// Whether the changed stream is multiplied by weights where a layer's second input reads it.
  package var scalesOutput = true
}

extension LayerSpec {
  /// Has the last layers attend to keys and values of the last layer before them that sees as far as they
  /// do.
  ///
  /// - Parameters:
  ///   - count: Layers that have no keys and values of their own.
  ///   - field: What the files call that number.
  /// - Throws: A `ModelError` where no layer has what one attends to.
  static func share(
    _ layers: inout [LayerSpec], last count: Int, field: String
  ) throws(ModelError) {
    let first = layers.count - count
    guard count > 0 else { return }
    for index in layers.indices where index >= first {
      let window = layers[index].attention?.window
      let source = layers[..<max(0, first)].lastIndex { $0.attention?.window == window }
      guard let source, let own = layers[index].attention, let shared = layers[source].attention,
        own.keyValueHeads == shared.keyValueHeads, own.headLength == shared.headLength
      else {
        throw ModelError(
          .invalid, field: field,
          "no layer before the last \(count) has keys and values for layer \(index)")
      }
      layers[index].attention?.source = source
      layers[index].attention?.valuesAreKeys = shared.valuesAreKeys
    }
  }
}
