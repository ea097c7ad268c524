import ModelFiles
import Tensor

extension TransformerSpec {
  /// Adds the second embedding, where a model has one, and what layers make of it.
  ///
  /// - Parameter usual: The elements of each layer where folders leave them out.
  mutating func addPerLayerEmbedding(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes, usual: Int
  ) throws(ModelError) {
    let stated = try configuration.integerIfPresent(.perLayerWidth, in: 0...4_096)
    let width = stated ?? (configuration.omitsDefaults ? usual : 0)
    guard width > 0 else { return }
    let rows = try configuration.integerIfPresent(.perLayerVocabulary, in: 1...(1 << 24))
    embedding.perLayer = PerLayerEmbedding(
      width: width, rows: rows ?? sizes.vocabularySize, norm: sizes.norm)
    for index in layers.indices {
      layers[index].perLayer = PerLayerInput(
        width: width, activation: layers[index].feedForward?.activation ?? .geluTanh)
    }
  }
}
