import ModelFiles
import Tensor

/// RoBERTa, and XLM-R with its vocabulary of many languages: BERT's shape, positions counted from behind
/// the padding token.
///
/// Liu et al., "RoBERTa", 2019; Conneau et al., "Unsupervised Cross-lingual Representation Learning at
/// Scale", 2020.
enum Roberta: Architecture {
  static let names = ["roberta", "xlm-roberta", "camembert"]
  static let naming = Bert.names(dense: "classifier.dense", output: "classifier.out_proj")

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let padding = try configuration.integerIfPresent(.paddingToken, in: 0...65_536) ?? 1
    return try Bert.spec(configuration, epsilon: 1e-12, firstPosition: padding + 1)
  }
}

extension DecoderSizes {
  /// The encoder of these layers, which ends with the states of the last.
  func encoder(layers: [LayerSpec]) -> TransformerSpec {
    var spec = spec(layers: layers, isTied: true)
    spec.head.norm = nil
    spec.head.hasLogits = false
    return spec
  }
}
