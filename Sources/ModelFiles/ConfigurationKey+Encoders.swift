/// What families of encoders state besides.
extension ConfigurationKey {
  /// Rows of the table of token types.
  package static let tokenTypes = ConfigurationKey(
    gguf: "tokenizer.ggml.token_type_count", folder: ["type_vocab_size"], isPrefixed: false)
  /// The token that fills batches up, after which RoBERTa counts positions.
  package static let paddingToken = ConfigurationKey(gguf: nil, folder: ["pad_token_id"])
  /// Whether no position sees those after it.
  package static let isCausal = ConfigurationKey(gguf: "attention.causal", folder: ["is_causal"])
  /// Whether positions see those after them.
  package static let seesAhead = ConfigurationKey(
    gguf: nil, folder: ["use_bidirectional_attention"])
  /// Whether an encoder is used as a decoder.
  package static let isDecoder = ConfigurationKey(gguf: nil, folder: ["is_decoder"])
  /// Whether there is a linear layer before that of a classifier.
  package static let classifierDense = ConfigurationKey(
    gguf: nil, folder: [], tensors: ["cls.weight"])
  /// How states become the one that a classifier reads.
  package static let classifierPooling = ConfigurationKey(
    gguf: nil, folder: ["classifier_pooling"])
  /// The same by number.
  package static let classifierPoolingNumber = ConfigurationKey(
    gguf: "classifier.pooling_type", folder: [])
  /// Whether the layer before that of a classifier has a bias.
  package static let classifierBias = ConfigurationKey(
    gguf: nil, folder: ["classifier_bias"], tensors: ["cls.bias"])
  /// The function after that layer.
  package static let classifierActivation = ConfigurationKey(
    gguf: nil, folder: ["classifier_activation"])
  /// The function of a feed-forward network, where GGUF files name it.
  package static let statedActivation = ConfigurationKey(
    gguf: "hidden_activation",
    folder: ["hidden_activation", "hidden_act", "activation_function"])
  /// Positions about a position that it sees, in layers with a window.
  package static let localAttention = ConfigurationKey(
    gguf: "attention.sliding_window", folder: ["local_attention"])
  /// Layers from one that sees all positions to the next, the first being one.
  package static let globalInterval = ConfigurationKey(
    gguf: "attention.sliding_window_pattern", folder: ["global_attn_every_n_layers"])
  /// The base of the angles of layers that see all positions.
  package static let globalBase = ConfigurationKey(gguf: nil, folder: ["global_rope_theta"])
  /// The base of the angles of layers with a window.
  package static let localBase = ConfigurationKey(gguf: nil, folder: ["local_rope_theta"])
  /// Whether norms have biases.
  package static let normBias = ConfigurationKey(gguf: nil, folder: ["norm_bias"])
  /// Positions of the training, where more may be stated.
  package static let trainedPositions = ConfigurationKey(
    gguf: nil, folder: ["max_trained_positions"])
  /// Whether norms stand before blocks.
  package static let normsBefore = ConfigurationKey(gguf: nil, folder: ["prenorm"])
  /// Whether neighbours turn together.
  package static let turnsNeighbours = ConfigurationKey(
    gguf: nil, folder: ["rotary_emb_interleaved"])
  /// The share of a head that turns, which is all of it.
  package static let rotaryFraction = ConfigurationKey(gguf: nil, folder: ["rotary_emb_fraction"])
  /// Layers from one with experts to the next.
  package static let nomicExpertInterval = ConfigurationKey(
    gguf: "moe_every_n_layers", folder: ["moe_every_n_layers"])
}
