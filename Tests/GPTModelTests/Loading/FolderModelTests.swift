import Evaluation
import GPTModel
import TestSupport
import Testing

@Suite("Models in folders")
struct FolderModelTests {
  private static let tokens: [Token] = (0..<40).map { Token(($0 * 37 + 11) % 320) }

  private func tiny(_ architecture: TinyArchitecture, isTied: Bool = true) -> TinyModel {
    var tiny = TinyModel()
    (tiny.format, tiny.isTied, tiny.architecture) = (.float32, isTied, architecture)
    return tiny
  }

  /// The bits of the logits of every position.
  private func bits(_ source: any ModelSource) throws -> [UInt32] {
    let model = try LoadedModel.read(from: source)
    var configuration = EngineConfiguration()
    configuration.threads = 2
    var bits: [UInt32] = []
    let scorer = try Scorer(model: model, configuration: configuration)
    try scorer.logits(of: Self.tokens, at: 0..<Self.tokens.count) { _, logits in
      bits += logits.map(\.bitPattern)
    }
    #expect(bits.count == Self.tokens.count * 320)
    return bits
  }

  private func bits(_ folder: FolderBuilder) throws -> [UInt32] {
    try bits(FolderSource(folder.folder()))
  }

  private func bits(_ file: GGUFBuilder) throws -> [UInt32] {
    try bits(GGUFSource(MemorySource(file.bytes())))
  }

  @Test(
    "A folder gives the bits of the GGUF file with the same weights",
    arguments: TinyArchitecture.inFiles, [true, false])
  func sameBits(architecture: TinyArchitecture, isTied: Bool) throws {
    let tiny = tiny(architecture, isTied: isTied)
    let (folder, file) = (try bits(tiny.folder()), try bits(tiny.builder()))
    guard architecture.permutesRows else { return #expect(folder == file) }
    // Elements of a head stand in another order there, and sums of floats depend on it.
    let largest = file.map { Float(bitPattern: $0).magnitude }.max() ?? 0
    for (one, other) in zip(folder, file) {
      let error = (Float(bitPattern: one) - Float(bitPattern: other)).magnitude
      #expect(error <= largest * 0x1p-14)
    }
  }

  @Test("A folder whose tensors have several storage types gives the bits of such a GGUF file")
  func mixedTypes() throws {
    let tiny = tiny(.qwen2, isTied: false)
    func storage(_ name: String) -> GGUFWeightFormat {
      guard let place = tiny.requirements.firstIndex(where: { $0.name == name }),
        tiny.requirements[place].role == .matrix
      else { return .float32 }
      return [.float32, .float16, .bfloat16][place % 3]
    }
    var file = tiny.builder()
    for tensor in tiny.values() {
      let format = storage(tensor.requirement.name)
      file.change(tensor.requirement.name) {
        ($0.fileType, $0.data) = (format.fileType, format.encode(tensor.values))
      }
    }
    #expect(try bits(tiny.folder(storage: storage)) == bits(file))
  }

  @Test(
    "Norms of 16 bits are widened before 1 is added",
    arguments: TinyArchitecture.all, [GGUFWeightFormat.float16, .bfloat16])
  func shortNorms(architecture: TinyArchitecture, format: GGUFWeightFormat) throws {
    let tiny = tiny(architecture)
    let short = tiny.folder { _ in format }
    let matrices = Set(tiny.requirements.filter { $0.role == .matrix }.map(\.name))
    var long = tiny.folder { matrices.contains($0) ? format : .float32 }
    // The same numbers as of 16 bits, in float32.
    for tensor in long.shards[0].tensors where tensor.type.text == #""F32""# {
      let source = short.shards[0].tensors.first { $0.name == tensor.name }
      let data = try #require(source).data
      // Figures of a function have 32 bits in both.
      guard data.count < tensor.data.count else { continue }
      let numbers = stride(from: 0, to: data.count, by: 2).map { place in
        let bits = UInt16(data[place]) | UInt16(data[place + 1]) << 8
        return format == .float16
          ? Float(Float16(bitPattern: bits)) : Float(bitPattern: UInt32(bits) << 16)
      }
      long.change(tensor.name) { $0.data = GGUFWeightFormat.float32.encode(numbers) }
    }
    #expect(try bits(short) == bits(long))
  }

  @Test("Shards give the bits of one file, and another identity", arguments: [1, 2, 5])
  func shards(count: Int) throws {
    let single = tiny(.gemma3).folder()
    var split = single
    split.split(into: count)
    #expect(try bits(split) == bits(single))
    let models = try [single, split].map {
      try LoadedModel.read(from: FolderSource($0.folder()))
    }
    #expect(models[0].sha256 != models[1].sha256)
    #expect(models[0].parameterCount == models[1].parameterCount)
  }

  @Test("Progress counts the bytes of all files")
  func progress() throws {
    var folder = tiny(.llama).folder()
    folder.split(into: 3)
    let source = try FolderSource(folder.folder())
    let total = folder.shards.reduce(0) { $0 + UInt64($1.bytes().count) }
    #expect(source.byteCount == total)
    var last: UInt64 = 0
    _ = try source.read(
      .standard, expecting: nil,
      progress: { bytes, all in
        #expect(all == total && bytes >= last && bytes <= all)
        last = bytes
      }, visit: { _, _ in })
    #expect(last == total)
  }

  @Test(
    "A decoder of text inside a larger model is found",
    arguments: ["", "model.language_model.", "language_model.model."])
  func prefixes(prefix: String) throws {
    let tiny = tiny(.gemma2, isTied: false)
    var folder = tiny.folder(prefix: prefix)
    if prefix.hasPrefix("language_model") {
      folder.change("lm_head.weight") { $0.name = "language_model.lm_head.weight" }
    }
    folder.shards[0].tensors.append(
      .init("vision_tower.patch.weight", [1], type: "F32", data: [0, 0, 0, 0]))
    #expect(try bits(folder) == bits(tiny.folder()))
  }

  @Test("An output that a tied folder has nonetheless is not read")
  func tiedOutput() throws {
    let tiny = tiny(.qwen3)
    var folder = tiny.folder()
    folder.shards[0].tensors.append(
      .init("lm_head.weight", [2], type: "F64", data: [UInt8](repeating: 0xFF, count: 16)))
    #expect(try bits(folder) == bits(tiny.folder()))
  }

  @Test("The identity is that of all files that were read")
  func identity() throws {
    let folder = tiny(.llama).folder()
    func identity(_ change: (inout FolderBuilder) -> Void) throws -> String {
      var changed = folder
      change(&changed)
      return try LoadedModel.read(from: FolderSource(changed.folder())).sha256
    }
    let own = try identity { _ in }
    #expect(try identity { _ in } == own)
    #expect(try identity { $0.replaced["README.md"] = [1] } == own)
    #expect(try identity { $0.configuration["note"] = "x" } != own)
    #expect(try identity { $0.generation = nil } != own)
    #expect(try identity { $0.shards[0].metadata = nil } != own)
    var options = LoadedModel.LoadingOptions()
    options.sha256 = own
    _ = try LoadedModel.read(from: FolderSource(folder.folder()), options: options)
    options.sha256 = String(repeating: "0", count: 64)
    let error = #expect(throws: ModelError.self) {
      try LoadedModel.read(from: FolderSource(folder.folder()), options: options)
    }
    #expect(error?.kind == .corrupt)
  }
}
