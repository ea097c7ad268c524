import ModelFiles
import Tensor

/// DistilBERT: BERT's shape without types of tokens, under other names.
///
/// Sanh et al., "DistilBERT, a distilled version of BERT", 2019.
enum DistilBert: Architecture {
  static let names = ["distilbert"]
  static let naming = {
    var naming = Bert.names(dense: "pre_classifier", output: "classifier").with([
      "attn_q": "attention.q_lin", "attn_k": "attention.k_lin", "attn_v": "attention.v_lin",
      "attn_output": "attention.out_lin", "attn_norm": "sa_layer_norm", "ffn_up": "ffn.lin1",
      "ffn_down": "ffn.lin2", "ffn_norm": "output_layer_norm",
    ])
    naming.layers = "transformer.layer"
    naming.unused = ["vocab_transform.", "vocab_layer_norm.", "vocab_projector."]
    return naming
  }()

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    var spec = try Bert.spec(configuration, epsilon: 1e-12, firstPosition: 0)
    spec.embedding.types = nil
    if !spec.pooled.layers.isEmpty { spec.pooled.layers[0].function = .activation(.relu) }
    return spec
  }
}

extension ModelConfiguration {
  /// Rows of the table of types of tokens; nil where a file has none: those of DistilBERT are called BERT's.
  func tokenTypes() throws(ModelError) -> Int? {
    let hasTable = omitsDefaults || dimensions(ofTensor: "token_types.weight") != nil
    return hasTable ? try integerIfPresent(.tokenTypes, in: 1...64) ?? 2 : nil
  }
}
