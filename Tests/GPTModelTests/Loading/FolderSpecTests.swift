import GPTModel
import TestSupport
import Testing

/// What `config.json` may be spelt like.
@Suite("Configurations of folders")
struct FolderSpecTests {
  private func folder(_ architecture: TinyArchitecture) -> FolderBuilder {
    var tiny = TinyModel()
    tiny.architecture = architecture
    return tiny.folder()
  }

  private func spec(_ folder: FolderBuilder) throws -> TransformerSpec {
    let configuration = try FolderSource(folder.folder()).configuration
    return try Architectures.named(configuration).spec(configuration)
  }

  /// Expects a changed configuration to mean the same as another.
  private func expectSame(
    _ architecture: TinyArchitecture, _ one: (inout JSONText) -> Void,
    _ other: (inout JSONText) -> Void = { _ in }
  ) throws {
    var folders = (folder(architecture), folder(architecture))
    one(&folders.0.configuration)
    other(&folders.1.configuration)
    #expect(try spec(folders.0) == spec(folders.1))
  }

  @Test(
    "A folder means what the GGUF file of the same model means",
    arguments: TinyArchitecture.inFiles)
  func sameAsGGUF(architecture: TinyArchitecture) throws {
    var tiny = TinyModel()
    tiny.architecture = architecture
    let configuration = try GGUFSource(MemorySource(tiny.bytes())).configuration
    var file = try Architectures.named(configuration).spec(configuration)
    let folder = try spec(folder(architecture))
    // What differs is the order of rows.
    for layer in file.layers.indices {
      // Folders have these as tensors.
      if folder.layers[layer].feedForward?.xielu == .tensors {
        #expect(file.layers[layer].feedForward?.xielu != nil)
        file.layers[layer].feedForward?.xielu = .tensors
      }
      guard let rotary = folder.layers[layer].attention?.rotary else { continue }
      file.layers[layer].attention?.rotary?.pairing = rotary.pairing
      file.layers[layer].attention?.rotary?.rowOrder = rotary.rowOrder
      // Files of llama.cpp have the share of pairs that turn as divisors, in a tensor.
      if case .proportional = rotary.scaling, rotary.readsDivisors {
        #expect(file.layers[layer].attention?.rotary?.scaling == RotaryScaling.none)
        file.layers[layer].attention?.rotary?.scaling = rotary.scaling
      }
      guard case .longRope(var own)? = file.layers[layer].attention?.rotary?.scaling,
        case .longRope(let other) = rotary.scaling
      else { continue }
      // Files of llama.cpp have these as tensors.
      (own.short, own.long) = (other.short, other.long)
      file.layers[layer].attention?.rotary?.scaling = .longRope(own)
    }
    #expect(folder == file)
  }

  @Test("Rotary angles in the older and the newer spelling mean the same")
  func rotations() throws {
    let llama3: JSONText = [
      "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
      "original_max_position_embeddings": 64,
    ]
    for key in ["rope_type", "type"] {
      try expectSame(.llama) {
        $0["rope_scaling"] = llama3
        $0["rope_scaling"]?[key] = "llama3"
        $0["rope_theta"] = 500_000
      } _: {
        $0["rope_parameters"] = llama3
        $0["rope_parameters"]?["rope_type"] = "llama3"
        $0["rope_parameters"]?["rope_theta"] = 500_000.0
        $0["rope_theta"] = nil as JSONText?
      }
    }
    var scaled = folder(.llama)
    scaled.configuration["rope_parameters"] = llama3
    scaled.configuration["rope_parameters"]?["rope_type"] = "llama3"
    let scaling = try spec(scaled).layers[0].attention?.rotary?.scaling
    let expected = Llama3Scaling(
      factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 64)
    #expect(scaling == .llama3(expected))
  }

  @Test("Angles by kind of layer in the older and the newer spelling mean the same")
  func rotationsByKind() throws {
    try expectSame(.gemma3) {
      $0["rope_theta"] = 2_000_000
      $0["rope_local_base_freq"] = 20_000
    } _: {
      $0["rope_theta"] = nil as JSONText?
      $0["rope_scaling"] = nil as JSONText?
      $0["rope_parameters"] = [
        "full_attention": ["rope_type": "linear", "factor": 8, "rope_theta": 2_000_000],
        "sliding_attention": ["rope_type": "default", "rope_theta": 20_000],
      ]
    }
    var folder = folder(.gemma3)
    folder.configuration["rope_local_base_freq"] = 20_000
    let bases = try spec(folder).layers.map(\.attention?.rotary?.base)
    #expect(bases == [20_000, 20_000, 10_000])
  }

  @Test("Sizes have other names in folders of some architectures")
  func otherNames() throws {
    let others = [
      "hidden_size": ["n_embd", "n_embed", "d_model"],
      "num_hidden_layers": ["n_layer", "n_layers", "num_layers"],
      "num_attention_heads": ["n_head", "n_heads", "num_heads"],
      "intermediate_size": ["n_inner", "ffn_hidden_size", "ffn_dim"],
      "max_position_embeddings": ["n_positions", "max_seq_len", "seq_length"],
    ]
    for (usual, names) in others {
      for name in names {
        try expectSame(.llama) {
          $0[name] = $0[usual]
          $0[usual] = nil as JSONText?
        }
      }
    }
  }

  @Test("What folders of GPT-2's kind leave out is what their authors took")
  func leftOut() throws {
    let gpt2 = try #require(TinyArchitecture.all.first { $0.name == "gpt2" })
    var folder = folder(gpt2)
    for key in ["intermediate_size", "num_key_value_heads", "layer_norm_eps"] {
      folder.configuration[key] = nil as JSONText?
    }
    let spec = try spec(folder)
    #expect(spec.layers.map(\.feedForward?.width) == [256, 256])
    #expect(spec.layers.map(\.attention?.keyValueHeads) == [4, 4])
    #expect(spec.layers.map(\.norm.epsilon) == [1e-5, 1e-5])
  }

  @Test("Falcon's blocks have one norm, two, or one after the other, as its folders say")
  func falcon() throws {
    let falcon = try #require(TinyArchitecture.all.first { $0.name == "falcon" })
    let cases: [([(String, JSONText)], NormPlacement)] = [
      ([], .parallel), ([("parallel_attn", false)], .pre),
      ([("new_decoder_architecture", true)], .parallelApart),
      ([("new_decoder_architecture", true), ("num_ln_in_parallel_attn", 2)], .parallelApart),
      ([("new_decoder_architecture", true), ("num_ln_in_parallel_attn", 1)], .parallel),
    ]
    for (members, placement) in cases {
      var folder = folder(falcon)
      for (name, value) in members { folder.configuration[name] = value }
      #expect(try spec(folder).layers.map(\.placement) == [placement, placement])
    }
    // Key-value heads count where they are not shared by all.
    let shared: [(JSONText, JSONText, Int)] = [
      (true, false, 1), (false, false, 4), (false, true, 2), (true, true, 2),
    ]
    for (isShared, isNew, heads) in shared {
      var folder = folder(falcon)
      folder.configuration["num_key_value_heads"] = nil as JSONText?
      folder.configuration["num_kv_heads"] = isNew.text == "true" ? 2 : 4
      folder.configuration["multi_query"] = isShared
      folder.configuration["new_decoder_architecture"] = isNew
      #expect(try spec(folder).layers[0].attention?.keyValueHeads == heads)
    }
  }

  @Test("Kinds of layers may be listed or follow from a pattern")
  func layerTypes() throws {
    try expectSame(.gemma3) {
      $0["sliding_window_pattern"] = nil as JSONText?
      $0["layer_types"] = ["sliding_attention", "sliding_attention", "full_attention"]
    }
    var folder = folder(.gemma3)
    folder.configuration["layer_types"] = [
      "full_attention", "sliding_attention", "full_attention",
    ]
    #expect(try spec(folder).layers.map(\.attention?.window) == [nil, 16, nil])
  }

  @Test(
    "The part for text of a larger model means the same as alone", arguments: TinyArchitecture.all)
  func textPart(architecture: TinyArchitecture) throws {
    try expectSame(architecture) {
      let inner = $0
      $0 = [
        "model_type": "a_larger_model", "architectures": ["ALargerModel"], "text_config": inner,
        "vision_config": ["hidden_size": 7], "hidden_size": 7,
      ]
    }
    // What the larger model says once for both parts.
    try expectSame(architecture) {
      var inner = $0
      inner["tie_word_embeddings"] = nil as JSONText?
      $0 = ["model_type": "x", "text_config": inner, "tie_word_embeddings": true]
    }
  }

  @Test("Integers may be written as floats, and null means what a missing key means")
  func spellings() throws {
    let integers = [
      "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
      "num_key_value_heads", "head_dim", "max_position_embeddings", "vocab_size",
    ]
    for architecture in TinyArchitecture.all {
      try expectSame(architecture) { configuration in
        for key in integers {
          guard let text = configuration[key]?.text else { continue }
          configuration[key] = .raw(text + ".0")
        }
      }
      try expectSame(architecture) { configuration in
        let stated = Set(architecture.members.map(\.name))
        let keys = ["layer_types", "rope_parameters", "hidden_act", "quantization_config"]
        for key in keys where !stated.contains(key) {
          configuration[key] = .some(nil)
        }
      }
    }
    for key in ["head_dim", "sliding_window", "rope_scaling", "attention_bias", "rope_theta"] {
      try expectSame(.llama) {
        $0[key] = .some(nil)
      } _: {
        $0[key] = nil as JSONText?
      }
    }
    try expectSame(.llama) {
      $0["torch_dtype"] = nil as JSONText?
      $0["dtype"] = "bfloat16"
    }
  }

  @Test("Tokens that end an answer are one, several or none, of both files")
  func ends() throws {
    let cases: [(JSONText?, JSONText?, [Int])] = [
      (2, [2, 1], [2, 2, 1]), ([1, 2], nil, [1, 2]), (nil as JSONText?, 2, [2]),
      (.some(nil), [], []),
      (.some(nil), .some(nil), []),
    ]
    for (configuration, generation, expected) in cases {
      var folder = folder(.llama)
      folder.configuration["eos_token_id"] = configuration
      folder.generation = generation.map { ["eos_token_id": $0] }
      guard case .folder(let files) = try FolderSource(folder.folder()).vocabulary else {
        Issue.record("no vocabulary of a folder")
        return
      }
      #expect(files.ends == expected)
    }
  }

  @Test("A configuration that does not say its vocabulary has that of the embedding")
  func vocabularySize() throws {
    var folder = folder(.gemma3)
    folder.configuration["vocab_size"] = nil as JSONText?
    guard case .folder(let files) = try FolderSource(folder.folder()).vocabulary else {
      Issue.record("no vocabulary of a folder")
      return
    }
    #expect(files.rows == 320)
  }

  @Test("A template of its own file comes before the one of the tokenizer's settings")
  func templates() throws {
    var folder = folder(.llama)
    func template() throws -> String? { try FolderSource(folder.folder()).chatTemplates.usual }
    folder.tokenizerConfiguration = ["chat_template": "inner"]
    #expect(try template() == "inner")
    folder.tokenizerConfiguration = [
      "chat_template": [
        ["name": "tool_use", "template": "tools"], ["name": "default", "template": "usual"],
      ]
    ]
    #expect(try template() == "usual")
    folder.chatTemplate = "outer"
    #expect(try template() == "outer")
    (folder.chatTemplate, folder.tokenizerConfiguration) = (nil, nil)
    #expect(try template() == nil)
  }
}
