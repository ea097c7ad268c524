package import GPTModel

/// What sets the tiny model of an architecture apart from the others'.
package struct TinyArchitecture: Sendable {
  /// What `general.architecture` says.
  package let name: String
  /// What tests call it.
  package let label: String
  /// What `model_type` says.
  package var folderName: String
  /// Whether queries, keys and values have biases.
  package var hasInputBias = false
  /// Whether attention's output has a bias.
  package var hasOutputBias = false
  /// Whether the feed-forward network has biases.
  package var hasFeedForwardBias = false
  /// Whether the feed-forward network has a gate.
  package var isGated = true
  /// What of queries and keys has a norm together.
  package var queryKeyNorm: QueryKeyNorm.Extent?
  /// Where norms stand.
  package var placement = NormPlacement.pre
  /// Whether GGUF files keep rows of queries and keys in the order in which neighbours turn together,
  /// where folders do not.
  package var permutesRows = false
  /// Tensors that GGUF files keep as one, by the name of that.
  package var fusedInGGUF: [String: [String]] = [:]
  /// Tensors that folders keep as one, by the canonical name of that.
  package var fusedInFolders: [String: [String]] = [:]
  /// Tensors that GGUF files name otherwise.
  package var namesInGGUF: [String: String] = [:]
  /// Tensors of divisors of angles, [R/2], which folders have in their configuration.
  package var divisors: [String: [Float]] = [:]
  /// Tensors of one number that folders have in each layer, and GGUF files as `globals`.
  package var numbersInFolders: [String: Float] = [:]
  /// Hyper-parameters of GGUF files without the architecture's name in front.
  package var globals: [(key: String, value: GGUFValue)] = []
  /// Layers, of each kind at least one.
  package var layers = 2
  /// What folders call its tensors; nil for what the list of architectures says.
  package var naming: TensorNaming?
  /// Further hyper-parameters, without the architecture's name in front.
  package var entries: [(key: String, value: GGUFValue)] = []
  /// The same in `config.json`.
  package var members: [(name: String, value: JSONText)] = []

  /// Whether rounding moves its logits further than those of most, where scores are not divided by the root
  /// of D, and where norms of a few elements make small numbers large: how far is then measured.
  package var isMeasured = false
  /// Whether its tensors are those that its description asks for, and not listed here.
  package var isDescribed = false
  /// Whether there are no GGUF files of it.
  package var isInFoldersOnly = false
  /// Tensors of heads that folders keep as rows of one, as GGUF files do.
  package var hasRowsInFolders = true
  /// Whether folders keep those of all experts as one, as GGUF files do.
  package var stacksExpertsInFolders = false

  /// Creates an architecture without peculiarities.
  package init(_ name: String, label: String? = nil) {
    self.name = name
    self.label = label ?? name
    folderName = name
  }

  /// Creates an architecture whose tensors follow from its description, and changes it.
  static func described(
    _ name: String, _ label: String? = nil, _ change: (inout TinyArchitecture) -> Void = { _ in }
  ) -> TinyArchitecture {
    var architecture = TinyArchitecture(name, label: label)
    architecture.isDescribed = true
    change(&architecture)
    return architecture
  }

  /// One of each architecture, and of each kind of layer.
  package static let all =
    [llama, windowed, qwen2, qwen3, gemma, gemma2, gemma3] + normedAfter + scaled + rotatedOtherwise
    + biased + layerNormed + parallel + alibi + recurrent + mixtures + shared + latents
    + recurrentMixtures

  /// Those of which there are GGUF files.
  package static let inFiles = all.filter { !$0.isInFoldersOnly }

  /// Llama.
  package static let llama = {
    var architecture = TinyArchitecture("llama")
    architecture.permutesRows = true
    return architecture
  }()

  /// Llama with a window in all layers.
  package static let windowed = {
    var architecture = TinyArchitecture("llama", label: "llama with a window")
    architecture.permutesRows = true
    architecture.entries = [("attention.sliding_window", .uint32(16))]
    architecture.members = [("sliding_window", 16)]
    return architecture
  }()

  /// Qwen 2: biases.
  package static let qwen2 = {
    var architecture = TinyArchitecture("qwen2")
    architecture.hasInputBias = true
    return architecture
  }()

  /// Qwen 3: norms of queries and keys.
  package static let qwen3 = {
    var architecture = TinyArchitecture("qwen3")
    architecture.queryKeyNorm = .head
    return architecture
  }()

  /// Gemma 1: a scaled embedding.
  package static let gemma = TinyArchitecture("gemma")

  /// Gemma 2: norms after blocks, caps, and a window in every other layer.
  package static let gemma2 = {
    var architecture = TinyArchitecture("gemma2")
    architecture.placement = .sandwich
    architecture.entries = [
      ("attention.sliding_window", .uint32(16)), ("attn_logit_softcapping", .float32(2)),
      ("final_logit_softcapping", .float32(3)),
    ]
    architecture.members = [
      ("sliding_window", 16), ("attn_logit_softcapping", 2), ("final_logit_softcapping", 3),
    ]
    return architecture
  }()

  /// Gemma 3: norms everywhere, and layers that rotate by other angles than those with a window.
  package static let gemma3 = {
    var architecture = TinyArchitecture("gemma3")
    architecture.placement = .sandwich
    architecture.queryKeyNorm = .head
    architecture.layers = 3
    architecture.entries = [
      ("attention.sliding_window", .uint32(16)),
      ("attention.sliding_window_pattern", .uint32(3)), ("rope.scaling.type", .text("linear")),
      ("rope.scaling.factor", .float32(8)),
    ]
    architecture.members = [
      ("sliding_window", 16), ("sliding_window_pattern", 3),
      ("rope_scaling", ["type": "linear", "factor": 8]),
    ]
    return architecture
  }()
}

extension TinyArchitecture: CustomStringConvertible {
  package var description: String { label }
}
