import Evaluation
import GPTModel
import Tensor
import TestSupport
import Testing

/// What configurations of an architecture may say otherwise than its tiny model does.
@Suite("Variants of architectures")
struct VariantTests {
  private func tiny(_ label: String) throws -> TinyModel {
    var tiny = TinyModel()
    let architecture = TinyArchitecture.all.first { $0.label == label }
    tiny.architecture = try #require(architecture, "\(label)")
    return tiny
  }

  private func spec(
    _ label: String, _ change: (inout JSONText) -> Void
  ) throws -> TransformerSpec {
    var folder = try tiny(label).folder()
    change(&folder.configuration)
    let configuration = try FolderSource(folder.folder()).configuration
    return try Architectures.named(configuration).spec(configuration)
  }

  private func rotary(
    _ label: String, _ change: (inout JSONText) -> Void
  ) throws -> RotarySpec {
    try #require(try spec(label, change).layers[0].attention?.rotary)
  }

  @Test("Heads and widths may be listed layer by layer, in both formats")
  func perLayer() throws {
    let folder = try spec("llama") {
      $0["num_key_value_heads"] = [2, 4]
      $0["intermediate_size"] = [128, 64]
    }
    #expect(folder.layers.map(\.attention?.keyValueHeads) == [2, 4])
    #expect(folder.layers.map(\.feedForward?.width) == [128, 64])
    var file = try tiny("llama").builder()
    file["llama.attention.head_count_kv"] = .int32s([2, 4])
    file["llama.feed_forward_length"] = .int32s([128, 64])
    let configuration = try GGUFSource(MemorySource(file.bytes())).configuration
    let spec = try Architectures.named(configuration).spec(configuration)
    #expect(spec.layers.map(\.attention?.keyValueWidth) == [32, 64])
    #expect(spec.layers.map(\.feedForward?.width) == [128, 64])
    #expect(throws: ModelError.self) {
      try self.spec("llama") { $0["num_key_value_heads"] = [2, 3] }
    }
  }

  @Test("Layers that do not rotate are every fourth, every so many, or those of a list")
  func unrotated() throws {
    func rotated(_ change: (inout JSONText) -> Void) throws -> [Bool] {
      try spec("smollm3", change).layers.map { $0.attention?.rotary != nil }
    }
    #expect(try rotated { _ in } == [true, true, true, false])
    #expect(try rotated { $0["no_rope_layer_interval"] = 2 } == [true, false, true, false])
    #expect(try rotated { $0["no_rope_layers"] = [0, 1, 1, 0] } == [false, true, true, false])
    let windowed = try spec("smollm3") {
      $0["use_sliding_window"] = true
      $0["sliding_window"] = 16
    }
    #expect(windowed.layers.map(\.attention?.window) == [nil, nil, nil, 16])
  }

  @Test("EXAONE 4's layers without a window rotate only where no layer has one")
  func exaone() throws {
    let label = "exaone4 with windows"
    let hybrid = try spec(label) { $0["sliding_window_pattern"] = 2 }
    #expect(hybrid.layers.map(\.attention?.window) == [16, nil, 16])
    #expect(hybrid.layers.map { $0.attention?.rotary != nil } == [true, false, true])
    let full = try spec(label) {
      $0["sliding_window"] = .some(nil)
      $0["sliding_window_pattern"] = .some(nil)
    }
    #expect(full.layers.allSatisfy { $0.attention?.window == nil && $0.attention?.rotary != nil })
  }

  @Test("A base is raised once and for all by alpha, and not at all without")
  func alpha() throws {
    let raised = try rotary("hunyuan-dense") {
      $0["rope_scaling"] = ["type": "dynamic", "alpha": 1000, "factor": 1]
    }
    // Heads are of 16.
    #expect((raised.base / (10_000 * 2682.6957952797) - 1).magnitude < 1e-9)
    let kept = try rotary("hunyuan-dense") {
      $0["rope_scaling"] = ["type": "dynamic", "factor": 4]
    }
    #expect(kept == (try rotary("hunyuan-dense") { _ in }))
  }

  @Test("YaRN's factor is stated, made of two scales, or the usual one; its bounds may be real")
  func yarn() throws {
    func figures(_ change: @escaping (inout JSONText) -> Void) throws -> YarnScaling? {
      let rotary = try rotary("llama") {
        $0["rope_scaling"] = [
          "rope_type": "yarn", "factor": 16, "original_max_position_embeddings": 64,
        ]
        if var scaling = $0["rope_scaling"] {
          change(&scaling)
          $0["rope_scaling"] = scaling
        }
      }
      guard case .yarn(let figures) = rotary.scaling else { return nil }
      return figures
    }
    #expect(try figures { _ in } == YarnScaling(factor: 16, originalContext: 64))
    #expect(try figures { $0["attention_factor"] = 1.5 }?.amplitude == 1.5)
    let scaled = try figures {
      $0["mscale"] = 1
      $0["mscale_all_dim"] = 0.5
    }
    #expect(((scaled?.amplitude ?? 0) - 1.2772588722239781 / 1.1386294361119891).magnitude < 1e-12)
    #expect(try figures { $0["truncate"] = false }?.roundsBounds == false)
    // Without a factor, what the context has grown by.
    #expect(try figures { $0["factor"] = nil as JSONText? }?.factor == 4)
  }

  @Test("LongRoPE takes the short angles in contexts of the original length, the long ones beyond")
  func longRope() throws {
    var tiny = try tiny("phi3")
    tiny.format = .float32
    let tokens = (0..<24).map { Token(($0 * 37 + 11) % 320) }
    let model = try LoadedModel.read(source: MemorySource(tiny.bytes()))
    for length in [32, 64] {
      var reference = try ReferenceDecoder(tiny)
      reference.spec.contextLength = length
      let expected = try reference.logits(of: tokens)
      var configuration = EngineConfiguration()
      configuration.contextLength = length
      configuration.cacheFormat = .bfloat16
      let scorer = try Scorer(model: model, configuration: configuration)
      var worst = 0.0
      try scorer.logits(of: tokens, at: 0..<tokens.count) { position, logits in
        for (found, wanted) in zip(logits, expected[position]) {
          worst = max(worst, (Double(found) - wanted).magnitude)
        }
      }
      // Rounding to bfloat16 either way; other angles are off by more than a hundredfold.
      #expect(worst < 0.02, "\(length) positions")
    }
  }

  @Test(
    "Rows that a file keeps as one tensor give the bits of tensors of their own",
    arguments: GGUFWeightFormat.allCases)
  func fused(format: GGUFWeightFormat) throws {
    var tiny = try tiny("phi3")
    tiny.format = format
    // The configuration goes with heads of 16.
    (tiny.heads, tiny.keyValueHeads) = (tiny.width / 16, tiny.width / 32)
    var apart = tiny
    var architecture = tiny.architecture
    architecture.fusedInGGUF = [:]
    apart.architecture = architecture
    #expect(try bits(tiny) == bits(apart))
  }

  private func bits(_ tiny: TinyModel) throws -> [UInt32] {
    let model = try LoadedModel.read(source: MemorySource(tiny.bytes()))
    var bits: [UInt32] = []
    let scorer = try Scorer(model: model, configuration: EngineConfiguration())
    try scorer.logits(of: [5, 6, 7], at: 0..<3) { _, logits in bits += logits.map(\.bitPattern) }
    return bits
  }
}
