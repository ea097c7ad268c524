/// How an architecture's tensors are called in folders of safetensors, beside their canonical names.
///
/// Canonical names are those of GGUF files: `token_embd`, `blk.7.attn_q`, `output_norm`; what experts and
/// some heads have of their own is numbered, as `blk.7.ffn_up_exps.3`. A folder's names differ from the
/// usual ones for some architectures; an architecture lists only what differs. In them `#` stands for the
/// number of an expert.
package struct TensorNaming: Sendable {
  /// The folder's name of each canonical one; parts of layers without `blk.N.` before them.
  package private(set) var folderNames = Self.usual
  /// The canonical names, likewise, whose values need 1 added where they come from a folder.
  package private(set) var addsOne: Set<String> = []
  /// The canonical names, likewise, of tensors that GGUF files of the architecture name otherwise.
  private var ggufNames: [String: String] = [:]

  /// The canonical name, likewise, of folders' names that stand for the same as others.
  package var aliases = ["mlp.experts.down_proj": "ffn_down_exps"]
  /// What stands before the number of a layer in folders.
  package var layers = "layers"
  /// The canonical names, likewise, of matrices that folders keep with columns for rows.
  package var transposed: Set<String> = []
  /// The canonical names, likewise, of what folders keep by key-value head, where it is fused.
  package var byHead: Set<String> = []
  /// The canonical names, likewise, of what folders keep a row of the first after the other with one of the
  /// second, where it is fused.
  package var alternating: Set<String> = []
  /// Parts of layers that GGUF files call otherwise, where a layer has all of them: the canonical names
  /// by the files'.
  package var fileNames: [String: String] = [:]

  /// The canonical names, likewise, that stand without a kind such as `.weight` behind them.
  package static let bare: Set<String> = ["ssm_a", "ssm_d"]
  /// Those of them whose values folders keep as logarithms of what is below 0.
  package static let logarithms: Set<String> = ["ssm_a"]
  /// The beginnings of folders' names of tensors that are not needed.
  package var unused: [String] = []

  /// The usual names.
  package static let standard = TensorNaming()

  /// Returns the names with some changed.
  ///
  /// - Parameters:
  ///   - removed: Canonical names of tensors that the architecture does not have.
  ///   - norms: Canonical names of those whose values need 1 added.
  package func with(
    _ changed: [String: String], without removed: Set<String> = [],
    addingOneTo norms: Set<String> = []
  ) -> TensorNaming {
    var naming = self
    for name in removed { naming.folderNames[name] = nil }
    naming.folderNames.merge(changed) { _, new in new }
    naming.addsOne.formUnion(norms)
    return naming
  }

  /// Returns the names with those that GGUF files have in the place of some canonical ones.
  package func with(inGGUF names: [String: String]) -> TensorNaming {
    var naming = self
    for (canonical, name) in names { naming.ggufNames[name] = canonical }
    return naming
  }

  /// The canonical name of a tensor in a GGUF file.
  func canonicalName(inGGUF name: String) -> String {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count == 2, let canonical = ggufNames[String(parts[0])] {
      return "\(canonical).\(parts[1])"
    }
    if parts.count == 5, Self.expertParts.contains(String(parts[2])) {
      return "\(parts[0]).\(parts[1]).\(parts[2])_exps.\(parts[3]).\(parts[4])"
    }
    if parts.count == 3, Self.withoutKind.contains(String(parts[2])) { return "\(name).weight" }
    guard parts.count == 4, let canonical = ggufNames[String(parts[2])] else { return name }
    return "\(parts[0]).\(parts[1]).\(canonical).\(parts[3])"
  }

  /// Weights that GGUF files of Falcon-H1 name without saying that they are.
  private static let withoutKind: Set = ["ffn_norm"]

  /// What early GGUF files have for each expert by itself.
  private static let expertParts: Set = ["ffn_gate", "ffn_up", "ffn_down"]

  /// What stands outside layers.
  private static let outside: Set = [
    "token_embd", "token_embd_norm", "token_embd_proj", "position_embd", "output_norm",
    "output_proj", "output", "per_layer_token_embd", "per_layer_model_proj", "per_layer_proj_norm",
    "altup_proj", "altup_unembd_proj",
    "token_types", "cls", "cls.norm", "cls.output", "dense_2", "dense_3",
  ]

  /// Whether a tensor stands outside layers; those of which there are several are numbered.
  private static func isOutside(_ canonical: String) -> Bool {
    outside.contains(String(canonical.prefix { $0 != "." }))
  }

  /// The canonical name by the folder's, for what stands in layers or for what stands outside them.
  package func canonicalNames(inLayers: Bool) -> [String: String] {
    var names = inLayers ? aliases : [:]
    for (canonical, name) in folderNames where Self.isOutside(canonical) != inLayers {
      names[name] = canonical
    }
    return names
  }

  private static let usual = [
    "token_embd": "embed_tokens",
    "output_norm": "norm",
    "output": "lm_head",
    "dense_2": "dense_2",
    "dense_3": "dense_3",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_qkv": "self_attn.qkv_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_a": "self_attn.q_a_proj",
    "attn_q_a_norm": "self_attn.q_a_layernorm",
    "attn_q_b": "self_attn.q_b_proj",
    "attn_kv_a_mqa": "self_attn.kv_a_proj_with_mqa",
    "attn_kv_a_norm": "self_attn.kv_a_layernorm",
    "attn_kv_b": "self_attn.kv_b_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_gate_up": "mlp.gate_up_proj",
    "ffn_down": "mlp.down_proj",
    "ffn_gate_inp": "mlp.gate",
    "exp_probs_b.bias": "mlp.gate.e_score_correction_bias",
    "ffn_gate_exps": "mlp.experts.#.gate_proj",
    "ffn_up_exps": "mlp.experts.#.up_proj",
    "ffn_down_exps": "mlp.experts.#.down_proj",
    "ffn_gate_up_exps": "mlp.experts.gate_up_proj",
    "ffn_gate_shexp": "mlp.shared_experts.gate_proj",
    "ffn_up_shexp": "mlp.shared_experts.up_proj",
    "ffn_down_shexp": "mlp.shared_experts.down_proj",
  ]
}
