/// Keys under the name of a GGUF file's architecture that change no result where nobody reads them.
enum HarmlessKeys {
  /// The keys without the architecture's name.
  private static let names: Set = [
    // What the file's tensors or the tokens say, too.
    "vocab_size", "attention.key_length", "attention.value_length", "tensor_data_layout",
    "expert_count", "expert_used_count", "expert_shared_feed_forward_length",
    // Sizes that all architectures with attention or a feed-forward network read.
    "feed_forward_length", "attention.head_count", "attention.head_count_kv",
    // Figures of something that another key switches on, which is read.
    "rope.scaling.finetuned", "rope.scaling.original_context_length", "rope.dimension_count",
    "rope.freq_base", "attention.layer_norm_epsilon", "attention.layer_norm_rms_epsilon",
    "leading_dense_block_count", "attention.group_norm_epsilon", "attention.group_norm_groups",
    "pooling_type", "attention.causal", "rope.dimension_sections", "n_deepstack_layers",
    "use_parallel_residual",
  ]

  /// Whether a key may be left unread.
  static func contains(_ name: String, _ value: MetadataValue) -> Bool {
    switch (name, value) {
    case ("expert_count", .unsigned(1...)), ("attention.causal", .bool(false)): false
    default: value.isUnset || names.contains(name)
    }
  }
}

extension MetadataValue {
  /// Whether the value is how writers say that there is none: nothing, no or empty.
  fileprivate var isUnset: Bool {
    switch self {
    case .unsigned(let number): number == 0
    case .signed(let number): number == 0
    case .float(let number): number == 0
    case .bool(let truth): !truth
    case .string(let text): text.isEmpty
    case .strings(let table): table.isEmpty
    case .numbers(let array): array.count == 0
    }
  }
}
