extension OddFile {
  /// How positions turn queries and keys.
  static let rotary = [
    rotary("rope_linear", "linear by 4", [("scaling.type", .text("linear")), factor(4)]),
    rotary("rope_factor_only", "a factor of 4 without type", [factor(4)]),
    rotary("rope_scale_linear_old", "the older key of a factor of 4", [("scale_linear", four)]),
    rotary("rope_none_factor0", "none by 0", [("scaling.type", .text("none")), factor(0)]),
    rotary("rope_yarn", "YaRN by 4", yarn + [("scaling.original_context_length", .uint32(64))]),
    rotary("rope_yarn_no_orig", "YaRN by 4 without the context of the training", yarn),
    rotary(
      "rope_yarn_attn", "YaRN by 4 with a factor on queries and keys",
      yarn + [
        ("scaling.original_context_length", .uint32(64)), ("scaling.attn_factor", .float32(2)),
      ]),
    rotary(
      "rope_yarn_ext0", "YaRN without its mixture",
      yarn + [
        ("scaling.original_context_length", .uint32(64)), ("scaling.yarn_ext_factor", .float32(0)),
      ]),
    rotary("rope_longrope", "LongRoPE without its factors", [("scaling.type", .text("longrope"))]),
    rotary("rope_unknown", "a way that nobody knows", [("scaling.type", .text("twist"))]),
    rotary("rope_base0", "a base of 0", [("freq_base", .float32(0))]),
  ]

  /// Sizes.
  static let sizes = [
    file("kv_array", "key-value heads layer by layer") {
      $0["llama.attention.head_count_kv"] = .int32s([1])
    },
    file("heads_f32", "heads as a fraction") {
      $0["llama.attention.head_count"] = .float32(2)
    },
    file("ctx0", "a context of 0") { $0["llama.context_length"] = .uint32(0) },
    file("ctx_1m", "a context of a million") { $0["llama.context_length"] = .uint32(1 << 20) },
    file("vocab_size_more", "a size of the vocabulary beyond its tokens") {
      $0["llama.vocab_size"] = .uint32(400)
    },
    file("experts0", "0 experts") {
      $0["llama.expert_count"] = .uint32(0)
      $0["llama.expert_used_count"] = .uint32(0)
    },
    file("eps0", "an epsilon of 0") {
      $0["llama.attention.layer_norm_rms_epsilon"] = .float32(0)
    },
    file("old_eps_key", "the epsilon of another norm") {
      $0["llama.attention.layer_norm_rms_epsilon"] = nil
    },
    file("head100", "a length of heads that the tensors do not have") {
      $0["llama.attention.key_length"] = .uint32(24)
    },
    file("draft_layer", "a layer that drafts, counted among the layers") {
      $0["llama.block_count"] = .uint32(2)
      $0["llama.nextn_predict_layers"] = .uint32(1)
      $0.tensors.append(.init("blk.1.nextn.eh_proj.weight", [32], type: 0, data: zeros(128)))
    },
  ]

  /// Tensors.
  static let tensors = [
    adding("attn_bias", "one bias", "blk.0.attn_q.bias", 32),
    adding("rope_freqs", "divisors of angles, which are Llama 3's", "rope_freqs.weight", 8),
    adding("rot_embd_leftover", "angles that old files keep", "blk.0.attn_rot_embd", 8),
    adding("rope_freqs_layer", "divisors in a layer", "blk.0.rope_freqs.weight", 8),
    adding("unknown_tensor", "a tensor that nobody knows", "blk.0.attn_twist.weight", 8),
    file("no_tensors", "a vocabulary and no tensors") { $0.tensors = [] },
    file("storage_type", "a storage type that nobody reads") { $0.tensors[2].fileType = 4 },
  ]

  /// Files that are not what they seem.
  static let wrong = [
    renamed("unknown_arch", "an architecture that nobody knows", "twist"),
    renamed("arch_mmproj", "a projector", "clip"),
  ]

  /// The frame of the file.
  static let frames = [
    file("base", "nothing"),
    file("bigendian", "big-endian") { $0.isBigEndian = true },
    file("v2", "version 2") { $0.version = 2 },
    file("v1", "version 1") { $0.version = 1 },
    file("v4", "version 4") { $0.version = 4 },
    file("trailing_zeros", "4096 zeros behind the tensors") { $0.trailer = zeros(4_096) },
    file("split1of1", "one part of one") {
      $0["split.count"] = .uint16(1)
      $0["split.no"] = .uint16(0)
      $0["split.tensors.count"] = .int32(Int32($0.tensors.count))
    },
    file("split0", "a part of none") { $0["split.count"] = .uint16(0) },
  ]

  /// Where tensors begin.
  static let alignments =
    [8, 16, 64, 128].map { alignment in
      file("align\(alignment)", "an alignment of \(alignment)") {
        $0["general.alignment"] = .uint32(UInt32(alignment))
        $0.alignment = alignment
      }
    } + [
      file("align_u64", "an alignment of 64 bits") { $0["general.alignment"] = .uint64(32) }
    ]

  private static let four = GGUFValue.float32(4)
  private static let yarn = [("scaling.type", GGUFValue.text("yarn")), factor(4)]

  private static func factor(_ value: Float) -> (String, GGUFValue) {
    ("scaling.factor", .float32(value))
  }

  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  private static func rotary(
    _ name: String, _ oddity: String, _ entries: [(String, GGUFValue)]
  ) -> OddFile {
    file(name, "rotary angles: \(oddity)") {
      for (key, value) in entries { $0["llama.rope.\(key)"] = value }
    }
  }

  private static func adding(
    _ name: String, _ oddity: String, _ tensor: String, _ count: Int
  ) -> OddFile {
    let ones = [Float](repeating: 1, count: count).flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
    return file(name, oddity) {
      $0.tensors.append(.init(tensor, [UInt64(count)], type: 0, data: ones))
    }
  }

  private static func renamed(_ name: String, _ oddity: String, _ other: String) -> OddFile {
    file(name, oddity) { $0["general.architecture"] = .text(other) }
  }
}
