import GPTModel
import JSON
import ModelFiles
import Tensor
import Testing

@testable import Training

/// Adapters of low rank against PyTorch, and what they leave alone.
@Suite("Adapters of low rank")
struct AdapterTests {
  private static func weights() throws -> FloatBuffer {
    let values = try Golden.parameters("weight.", in: GoldenFile("model.safetensors"))
    let weights = try FloatBuffer(count: values.count)
    for (index, value) in values.enumerated() { weights.base[index] = Float(value) }
    return weights
  }

  private static func trainer(_ settings: AdapterSettings, _ weights: FloatBuffer) throws -> Trainer
  {
    let decoder = try TrainableDecoder(Golden.shape)
    let pool = WorkerPool(threads: 2)
    let kernels = try TrainingKernels()
    let adapters = try Adapters(
      settings, base: weights, decoder: decoder, kernels: kernels, pool: pool)
    var optimizer = OptimizerSettings()
    (optimizer.weightDecay, optimizer.clip) = (0, nil)
    return Trainer(
      weights: weights,
      optimizer: try Optimizer(
        adapters.list, settings: optimizer, kernels: kernels, threads: pool.threads),
      gradients: try GradientSum(decoder, rows: 48, kernels: kernels, pool: pool),
      adapters: adapters)
  }

  private static var golden: AdapterSettings {
    var settings = AdapterSettings(rank: 4)
    settings.targets = ["attn_q", "attn_v"]
    return settings
  }

  /// The values of B in our order of rows.
  private static func up(
    _ prefix: String, _ pair: Adapters.Pair, _ file: GoldenFile
  ) throws -> [Double] {
    let rows = ParameterTensor(
      name: pair.matrix.name, rows: pair.up.rows, columns: pair.up.columns, role: .matrix,
      offset: 0)
    return Golden.interleaved(
      try file.values("\(prefix)B.\(Golden.name(of: pair.matrix))"), rows)
  }

  private static func down(
    _ prefix: String, _ pair: Adapters.Pair, _ file: GoldenFile
  ) throws -> [Double] {
    try file.values("\(prefix)A.\(Golden.name(of: pair.matrix))")
  }

  @Test("have the gradients, the steps and the merged weights of PyTorch")
  func golden() throws {
    let file = try GoldenFile("lora.safetensors")
    let trainer = try Self.trainer(Self.golden, Self.weights())
    let adapters = try #require(trainer.adapters)
    #expect(adapters.pairs.count == 4)
    for pair in adapters.pairs {
      for (tensor, values) in [
        (pair.down, try Self.down("", pair, file)), (pair.up, try Self.up("", pair, file)),
      ] {
        for (index, value) in values.enumerated() {
          adapters.values.base[tensor.offset + index] = Float(value)
        }
      }
    }
    adapters.merge(into: trainer.weights)
    let leaves = try Golden.leaves(file)
    let result = try trainer.gradients.run(leaves, weights: trainer.weights)
    let gradient = adapters.gradient(of: try #require(result.gradient))
    for pair in adapters.pairs {
      let scaled = { (tensor: ParameterTensor) in
        gradient[tensor.range].map { $0 / Float(result.kept) }
      }
      #expect(worst(scaled(pair.down), try Self.down("grad.", pair, file)) < 2e-5)
      #expect(worst(scaled(pair.up), try Self.up("grad.", pair, file)) < 2e-5)
    }
    let losses = try Golden.index("lora", "losses").numbers
    for loss in losses {
      let report = try trainer.step(leaves, rate: 1e-2)
      #expect((report.loss - loss).magnitude < 2e-5)
    }
    for pair in adapters.pairs {
      #expect(
        worst(adapters.values[pair.up.range], try Self.up("after3.", pair, file)) < 2e-3)
      #expect(
        worst(adapters.values[pair.down.range], try Self.down("after3.", pair, file)) < 2e-3)
      let merged = try file.values("merged3.\(Golden.name(of: pair.matrix))")
      #expect(
        worst(trainer.weights[pair.matrix.range], Golden.interleaved(merged, pair.matrix)) < 2e-3)
    }
  }

  @Test("leave all else of the model as it was, and add nothing at first")
  func unharmed() throws {
    let (weights, before) = (try Self.weights(), try Self.weights())
    let trainer = try Self.trainer(Self.golden, weights)
    let adapters = try #require(trainer.adapters)
    adapters.merge(into: weights)
    #expect(weights[0..<weights.count].elementsEqual(before[0..<before.count]))
    let leaves = try Golden.leaves(GoldenFile("lora.safetensors"))
    for _ in 0..<3 { _ = try trainer.step(leaves, rate: 1e-2) }
    let adapted = Set(adapters.pairs.map(\.matrix.name))
    for tensor in trainer.gradients.decoder.parameters.tensors {
      let isSame = weights[tensor.range].elementsEqual(before[tensor.range])
      #expect(isSame != adapted.contains(tensor.name), "\(tensor.name)")
    }
  }

  @Test("have gradients that central differences confirm, of every matrix")
  func differences() throws {
    var settings = AdapterSettings(rank: 2)
    settings.seed = 4
    let trainer = try Self.trainer(settings, Self.weights())
    let adapters = try #require(trainer.adapters)
    #expect(adapters.pairs.count == 14)
    let random = CounterRandom(seed: 9, purpose: .adapters, step: 99)
    for pair in adapters.pairs {
      for index in pair.up.range {
        adapters.values.base[index] = Float(0.1 * random.normal(UInt64(index)))
      }
    }
    let leaves = try Golden.leaves(GoldenFile("lora.safetensors"))
    func loss() throws -> Double {
      adapters.merge(into: trainer.weights)
      return try trainer.gradients.logProbabilities(leaves, weights: trainer.weights)
        .reduce(0) { $0 - $1.reduce(0, +) }
    }
    _ = try loss()
    let full = try #require(
      try trainer.gradients.run(leaves, weights: trainer.weights).gradient)
    let gradient = adapters.gradient(of: full)
    let expected = gradient[0..<gradient.count].map(Double.init)
    for pair in adapters.pairs {
      for tensor in [pair.down, pair.up] {
        // Along the gradient itself, where rounding of the loss shows least.
        let length = tensor.range.reduce(0) { $0 + expected[$1] * expected[$1] }.squareRoot()
        let step = 2e-2 / length
        let middle = tensor.range.map { adapters.values.base[$0] }
        var losses: [Double] = []
        for sign in [1.0, -1.0] {
          for (place, index) in tensor.range.enumerated() {
            adapters.values.base[index] = middle[place] + Float(sign * step * expected[index])
          }
          losses.append(try loss())
        }
        for (place, index) in tensor.range.enumerated() {
          adapters.values.base[index] = middle[place]
        }
        let slope = (losses[0] - losses[1]) / (2 * step * length)
        #expect((slope / length - 1).magnitude < 0.02, "\(tensor.name) \(slope) \(length)")
      }
    }
  }

  @Test("are written in PEFT's layout")
  func export() throws {
    let trainer = try Self.trainer(AdapterSettings(rank: 2), Self.weights())
    let adapters = try #require(trainer.adapters)
    let files = AdapterExport(adapters, shape: Golden.shape, base: "base").files
    let text = try #require(files["adapter_config.json"])
    let configuration = try #require(try JSONValue(parsing: text).object)
    #expect(configuration["r"]?.integer == 2)
    #expect(configuration["lora_alpha"]?.number == 4)
    #expect(configuration["target_modules"]?.array?.count == 7)
    let bytes = try #require(files["adapter_model.safetensors"])
    let length = bytes.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    let header = try #require(try JSONValue(parsing: Array(bytes[8..<8 + length])).object)
    #expect(header.members.count == 28)
    let name = "base_model.model.model.layers.1.mlp.down_proj.lora_B.weight"
    let entry = try #require(header[name]?.object)
    #expect(entry["shape"]?.numbers == [32, 2])
  }

  @Test("of impossible numbers are refused")
  func malformed() throws {
    let changes: [(String, (inout AdapterSettings) -> Void)] = [
      ("rank", { $0.rank = 0 }), ("rank", { $0.rank = 1 << 20 }), ("alpha", { $0.alpha = 0 }),
      ("alpha", { $0.alpha = .nan }), ("alpha", { $0.alpha = .infinity }),
      ("targets", { $0.targets = [] }), ("targets", { $0.targets = ["token_embd"] }),
    ]
    for (field, change) in changes {
      var settings = AdapterSettings(rank: 4)
      change(&settings)
      let error = #expect(throws: TrainingError.self) {
        try Self.trainer(settings, Self.weights())
      }
      #expect(error?.field == field)
    }
  }
}
