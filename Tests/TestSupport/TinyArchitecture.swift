package import GPTModel

/// What sets the tiny model of an architecture apart from the others'.
package struct TinyArchitecture: Sendable {
  /// What `general.architecture` says.
  package let name: String
  /// What tests call it.
  package let label: String
  /// Whether queries, keys and values have biases.
  package var hasInputBias = false
  /// Whether each head's queries and keys have a norm.
  package var hasQueryKeyNorm = false
  /// Whether a norm follows each block.
  package var hasPostNorms = false
  /// Layers, of each kind at least one.
  package var layers = 2
  /// What folders call its tensors; nil for what the list of architectures says.
  package var naming: TensorNaming?
  /// Further hyper-parameters, without the architecture's name in front.
  package var entries: [(key: String, value: GGUFValue)] = []

  /// Creates an architecture without peculiarities.
  package init(_ name: String, label: String? = nil) {
    self.name = name
    self.label = label ?? name
  }

  /// One of each architecture, and of each kind of layer.
  package static let all = [llama, windowed, qwen2, qwen3, gemma2, gemma3]

  /// Llama.
  package static let llama = TinyArchitecture("llama")

  /// Llama with a window in all layers.
  package static let windowed = {
    var architecture = TinyArchitecture("llama", label: "llama with a window")
    architecture.entries = [("attention.sliding_window", .uint32(16))]
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
    architecture.hasQueryKeyNorm = true
    return architecture
  }()

  /// Gemma 2: norms after blocks, caps, and a window in every other layer.
  package static let gemma2 = {
    var architecture = TinyArchitecture("gemma2")
    architecture.hasPostNorms = true
    architecture.entries = [
      ("attention.sliding_window", .uint32(16)), ("attn_logit_softcapping", .float32(2)),
      ("final_logit_softcapping", .float32(3)),
    ]
    return architecture
  }()

  /// Gemma 3: norms everywhere, and layers that rotate by other angles than those with a window.
  package static let gemma3 = {
    var architecture = TinyArchitecture("gemma3")
    architecture.hasPostNorms = true
    architecture.hasQueryKeyNorm = true
    architecture.layers = 3
    architecture.entries = [
      ("attention.sliding_window", .uint32(16)),
      ("attention.sliding_window_pattern", .uint32(3)), ("rope.scaling.type", .text("linear")),
      ("rope.scaling.factor", .float32(8)),
    ]
    return architecture
  }()
}

extension TinyArchitecture: CustomStringConvertible {
  package var description: String { label }
}
