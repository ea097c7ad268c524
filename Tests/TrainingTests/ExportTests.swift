import Evaluation
import GPTModel
import ModelFiles
import Tensor
import TestSupport
import Testing
import Tokenizers

@testable import Training

/// Models go from files to the trainer, and from there to files and the engine.
@Suite("Models of files")
struct ExportTests {
  private static let prompt: [Token] = [1, 40, 77, 90, 261, 300, 5, 2, 1, 199, 33, 64]

  private static func source(_ isFolder: Bool, isTied: Bool = true) throws -> any ModelSource {
    var tiny = TinyModel()
    tiny.format = .float32
    tiny.isTied = isTied
    return isFolder
      ? try FolderSource(tiny.folder().folder())
      : try GGUFSource(MemorySource(tiny.bytes()))
  }

  /// Natural logarithms of the probability of each token but the first, by the trainer.
  private static func trained(_ model: TrainableModel) throws -> [Double] {
    let tokens = Self.prompt.map { UInt32($0) }
    let leaf = try Leaf(
      tokens: tokens.dropLast(), targets: Self.prompt.dropFirst().map { Int32($0) },
      documentLengths: [tokens.count - 1])
    let sum = try GradientSum(
      model.decoder, rows: tokens.count, kernels: TrainingKernels(), pool: WorkerPool(threads: 1))
    return try sum.logProbabilities([leaf], weights: model.weights)[0]
  }

  /// The same by the engine.
  private static func served(_ model: LoadedModel) throws -> [Double] {
    var configuration = EngineConfiguration()
    configuration.cacheFormat = .float32
    let scorer = try Scorer(model: model, configuration: configuration)
    return try scorer.negativeLogLikelihoods(of: prompt, at: 1..<prompt.count).map { -$0 }
  }

  private static func distance(_ one: [Double], _ other: [Double]) -> Double {
    zip(one, other).reduce(0) { max($0, ($1.0 - $1.1).magnitude) }
  }

  @Test("are the same to the trainer and to the engine", arguments: [false, true])
  func loads(isFolder: Bool) throws {
    for isTied in [true, false] {
      let source = try Self.source(isFolder, isTied: isTied)
      let expected = try Self.served(LoadedModel.read(from: source))
      let model = try TrainableModel(source: source)
      #expect(Self.distance(try Self.trained(model), expected) < 1e-4)
      #expect(Self.distance(try Self.served(model.served(threads: 1)), expected) < 1e-6)
    }
  }

  @Test("are written in both forms, and mean the same", arguments: [false, true])
  func writes(isFolder: Bool) throws {
    let model = try TrainableModel(source: Self.source(isFolder))
    for index in 0..<model.weights.count { model.weights.base[index] *= 1.25 }
    let expected = try Self.trained(model)
    let export = ModelExport(model, name: "written")
    let folder = try LoadedModel.read(
      from: FolderSource(MemoryFolder(files: try export.folder())))
    #expect(Self.distance(try Self.served(folder), expected) < 1e-4)
    let file = try LoadedModel.read(
      from: GGUFSource(MemorySource(try export.gguf(F32.self))))
    #expect(Self.distance(try Self.served(file), expected) < 1e-4)
    for written in [folder, file] {
      #expect(written.chatTemplate != nil)
      #expect(written.tokenizer.endOfSequence == model.tokenizer.endOfSequence)
      for text in ["the and all 12 + 30", "Äh, \u{1F600}!", "<|im_end|>"] {
        #expect(written.tokenizer.encode(text) == model.tokenizer.encode(text))
      }
    }
    for (format, bound) in [(Q8_0.self as any WritableFormat.Type, 0.005), (Q4_1.self, 0.08)] {
      let source = try GGUFSource(MemorySource(try export.gguf(format)))
      let read = try TrainableModel(source: source)
      let values = model.weights[0..<model.weights.count].map(Double.init)
      #expect(worst(read.weights[0..<read.weights.count], values) < bound, "\(format.name)")
      #expect(try Self.served(LoadedModel.read(from: source)).allSatisfy(\.isFinite))
    }
  }

  @Test("of other architectures are refused, with what is at fault")
  func refuses() throws {
    for architecture in [TinyArchitecture.qwen2, .gemma2, .qwen3] {
      var tiny = TinyModel()
      tiny.architecture = architecture
      let source = try GGUFSource(MemorySource(tiny.bytes()))
      let error = #expect(throws: TrainingError.self) { try TrainableModel(source: source) }
      #expect(error?.field == "architecture")
    }
  }

  @Test("begin with weights of a seed")
  func fresh() throws {
    var trainer = BytePairTrainer(splitter: try #require(TextSplitters.named("smollm")))
    try trainer.add(String(repeating: "the cat and the hat, 12 cats and 3 hats. ", count: 4))
    let document = try trainer.train(vocabulary: 280).document(controls: NewModel.controls)
    let tokenizer = try NewModel.tokenizer(document)
    let shape = ModelShape(
      vocabulary: 288, width: 32, layers: 2,
      attention: .init(queryHeads: 2, keyValueHeads: 1, headLength: 16), feedForward: 64,
      context: 64)
    let new = NewModel(name: "new", shape: shape, tokenizer: document)
    let (one, same, other) = (
      try new.model(seed: 1), try new.model(seed: 1), try new.model(seed: 2)
    )
    let all = 0..<one.weights.count
    #expect(one.weights[all].elementsEqual(same.weights[all]))
    #expect(!one.weights[all].elementsEqual(other.weights[all]))
    #expect(one.shape == shape)
    #expect(one.template != nil)
    #expect(one.tokenizer.encode("the cat") == tokenizer.encode("the cat"))
    #expect(one.tokenizer.endOfSequence.flatMap(one.tokenizer.specialText(of:)) == "<|im_end|>")
  }

  @Test("Weights in blocks are the nearest that their layout allows")
  func blocks() {
    var generator = SeededGenerator(seed: 5)
    let values = generator.normal(count: 64, deviation: 0.3)
    for (format, bound) in [(Q8_0.self as any WritableFormat.Type, Float(0.006)), (Q4_1.self, 0.1)]
    {
      let bytes = values.withUnsafeBufferPointer(format.encode)
      #expect(bytes.count == 64 / format.blockLength * format.blockBytes)
      var decoded = [Float](repeating: 0, count: 64)
      bytes.withUnsafeBytes { source in
        decoded.withUnsafeMutableBufferPointer { format.decode(source, into: $0) }
      }
      let worst = zip(values, decoded).reduce(Float(0)) { max($0, ($1.0 - $1.1).magnitude) }
      #expect(worst < bound, "\(format.name) \(worst)")
    }
  }
}
