/// The factors of Falcon-H1, which its GGUF files have in their weights.
extension ConfigurationKey {
  private static func factor(_ name: String) -> ConfigurationKey {
    ConfigurationKey(gguf: nil, folder: [name])
  }

  /// On what attention reads.
  package static let attentionInputScale = factor("attention_in_multiplier")
  /// On what attention gives.
  package static let attentionOutputScale = factor("attention_out_multiplier")
  /// On keys.
  package static let keyScale = factor("key_multiplier")
  /// On what state spaces read.
  package static let stateSpaceInputScale = factor("ssm_in_multiplier")
  /// On what state spaces give.
  package static let stateSpaceOutputScale = factor("ssm_out_multiplier")
  /// On gates, what a state space reads, what goes into its state and out of it, and its steps.
  package static let stateSpaceScales = (0..<5).map { factor("ssm_multipliers/\($0)") }
  /// On gates of the feed-forward network.
  package static let gateScale = factor("mlp_multipliers/0")
  /// On what the feed-forward network gives.
  package static let feedForwardScale = factor("mlp_multipliers/1")
  /// On logits.
  package static let headScale = factor("lm_head_multiplier")
  /// Whether what state spaces give has a bias.
  package static let projectorsBias = ConfigurationKey(gguf: nil, folder: ["projectors_bias"])
  /// Whether results of state spaces are normalised.
  package static let stateSpaceNorm = ConfigurationKey(
    gguf: nil, folder: ["mamba_rms_norm"], tensors: ["ssm_norm.weight"])
  /// Whether they are before they are gated.
  package static let normBeforeGate = ConfigurationKey(
    gguf: nil, folder: ["mamba_norm_before_gate"])
}
