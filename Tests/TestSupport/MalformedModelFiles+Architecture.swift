extension MalformedModelFiles {
  /// Hyper-parameters that no Llama can have.
  mutating func addHyperParameters() {
    let sizes = [
      "llama.block_count", "llama.embedding_length", "llama.feed_forward_length",
      "llama.attention.head_count", "llama.attention.head_count_kv", "llama.context_length",
    ]
    for key in sizes {
      for value: UInt64 in [0, 1 << 31, .max >> 33, .max >> 32, 1 << 63, .max] {
        add("G11", "\(key) \(value)", .refusedByModel) { $0[key] = .uint64(value) }
      }
      let wrong: [(String, GGUFValue)] = [
        ("-1", .int32(-1)), ("the least integer", .int64(.min)), ("a string", .text("1")),
        ("a fraction", .float32(1.5)), ("a truth value", .bool(1)),
        ("an array of strings", .texts(["1"])),
      ]
      for (name, value) in wrong {
        add("G11", "\(key) as \(name)", .refusedByModel) { $0[key] = value }
      }
    }
    let required = sizes.filter { $0 != "llama.attention.head_count_kv" }
    for key in required + ["general.architecture", "llama.attention.layer_norm_rms_epsilon"] {
      add("G11", "without \(key)", .refusedByModel) { $0[key] = nil }
    }
    addRatios()
    addReals()
  }

  private mutating func addRatios() {
    let disagreeing: [(String, UInt32)] = [
      ("llama.block_count", 2), ("llama.block_count", 1_024), ("llama.block_count", 1_025),
      ("llama.embedding_length", 31), ("llama.embedding_length", 64),
      ("llama.feed_forward_length", 31), ("llama.feed_forward_length", 64),
      ("llama.attention.head_count", 1), ("llama.attention.head_count", 3),
      ("llama.attention.head_count", 5), ("llama.attention.head_count", 64),
      ("llama.attention.head_count_kv", 2), ("llama.attention.head_count_kv", 3),
      ("llama.attention.head_count_kv", 64), ("llama.rope.dimension_count", 15),
      ("llama.rope.dimension_count", 17), ("llama.rope.dimension_count", 1 << 31),
    ]
    for (key, value) in disagreeing {
      add("G11", "\(key) \(value) against the tensors", .refusedByModel) {
        $0[key] = .uint32(value)
      }
    }
    for value: UInt32 in [0, 1, 1 << 31, .max] {
      add("G11", "llama.vocab_size \(value)", .mayRun) { $0["llama.vocab_size"] = .uint32(value) }
      add("G11", "llama.expert_count \(value)", .mayRun) {
        $0["llama.expert_count"] = .uint32(value)
      }
    }
    add("G11", "llama.rope.dimension_count 0", .mayRun) {
      $0["llama.rope.dimension_count"] = .uint32(0)
    }
    for name in ["", "unknown", "LLAMA", "llama\0", "../llama", "llama "] {
      add("G11", "architecture \(name.debugDescription)", .refusedByModel) {
        $0["general.architecture"] = .text(name)
      }
    }
    add("G11", "architecture as a number", .refusedByModel) {
      $0["general.architecture"] = .uint32(1)
    }
  }

  private mutating func addReals() {
    let values: [(String, GGUFValue)] = [
      ("NaN", .float32(.nan)), ("infinity", .float32(.infinity)),
      ("minus infinity", .float32(-.infinity)), ("-1", .float32(-1)),
      ("a 64-bit NaN", .float64(.nan)), ("1e300", .float64(1e300)), ("a string", .text("1e-5")),
      ("a truth value", .bool(1)), ("an array", .array(type: 6, [.float32(1)])),
    ]
    for key in ["llama.attention.layer_norm_rms_epsilon", "llama.rope.freq_base"] {
      for (name, value) in values + [("0", .float32(0))] {
        add("G11", "\(key) \(name)", .refusedByModel) { $0[key] = value }
      }
    }
  }

  /// Vocabularies that do not fit the model or themselves.
  mutating func addVocabularies() {
    let tokens = TinyVocabulary(count: TinyVocabulary.minimum).tokens
    let lists: [(String, [String])] = [
      ("one token less", tokens.dropLast()), ("one token more", tokens + ["more"]),
      ("one token", ["a"]),
    ]
    for (name, list) in lists {
      add("S8", name, .refusedByModel) { $0["tokenizer.ggml.tokens"] = .texts(list) }
    }
    let changed: [(String, String)] = [
      ("an empty token", ""), ("a token twice", tokens[20]), ("a token of 1 MiB", long(1 << 20)),
      ("a byte token of -1", "<0x-1>"), ("a byte token of ZZ", "<0xZZ>"), ("a NUL token", "\0"),
    ]
    for (name, token) in changed {
      add("S8", name, .mayRun) {
        var list = tokens
        list[30] = token
        $0["tokenizer.ggml.tokens"] = .texts(list)
      }
    }
    for role in ["bos", "eos"] {
      let key = "tokenizer.ggml.\(role)_token_id"
      for value: UInt32 in [UInt32(tokens.count), 1 << 31, .max] {
        add("S8", "\(role) token \(value)", .mayRun) { $0[key] = .uint32(value) }
      }
      add("S8", "\(role) token -1", .mayRun) { $0[key] = .int32(-1) }
      add("S8", "\(role) token as a string", .refusedByModel) { $0[key] = .text("1") }
    }
    for merges in [["th"], [" "], [""], ["t h e"], ["nope nope"], ["t h", "t h"]] {
      add("S8", "merges \(merges)", .mayRun) { $0["tokenizer.ggml.merges"] = .texts(merges) }
    }
    for kind in ["", "unknown", "gpt2\0"] {
      add("S8", "tokenizer \(kind.debugDescription)", .refusedByModel) {
        $0["tokenizer.ggml.model"] = .text(kind)
      }
    }
    for key in ["tokenizer.ggml.model", "tokenizer.ggml.tokens"] {
      add("S8", "without \(key)", .refusedByModel) { $0[key] = nil }
    }
    for types: Int32 in [0, 7, -1, .max, .min] {
      add("S8", "token types of \(types)", .mayRun) {
        $0["tokenizer.ggml.token_type"] = .int32s([Int32](repeating: types, count: tokens.count))
      }
    }
    for template in ["", "{%", "{{", "{% for x in y %}", "{{ messages.__class__ }}", long(300_000)]
    {
      add("S8", "template \(template.prefix(30).debugDescription)", .mayRun) {
        $0["tokenizer.chat_template"] = .text(template)
      }
    }
  }

  private func long(_ count: Int) -> String { String(repeating: "a", count: count) }
}
