import Tensor
import TestSupport
import Testing

@testable import GPTModel

@Suite("The memory of a model")
struct ModelMemoryTests {
  private func memory(_ builder: GGUFBuilder) throws -> ModelMemory {
    try ModelMemory(GGUFSource(MemorySource(builder.bytes())))
  }

  @Test("A position takes the keys and values of every layer, with scales where they are int8")
  func cache() throws {
    let tiny = TinyModel()
    let memory = try memory(tiny.builder())
    // Keys and values of two heads of 16 in two layers.
    #expect(try memory.cacheBytesPerPosition(.bfloat16) == 2 * 2 * 2 * 16 * 2)
    #expect(try memory.cacheBytesPerPosition(.int8) == 2 * 2 * 2 * (16 + 4))
  }

  @Test("With a window in all layers a conversation takes no more than a window and a step")
  func window() throws {
    var tiny = TinyModel()
    let settings = EngineConfiguration()
    #expect(try memory(tiny.builder()).cacheBytesPerSequence(settings) == nil)
    tiny.architecture = .gemma2
    #expect(try memory(tiny.builder()).cacheBytesPerSequence(settings) == nil)
    tiny.architecture = .windowed
    // A step of 16 positions sees 31, which may begin with the last of a page: two pages.
    let bytes = 2 * 32 * (2 * 2 * 2 * 16 * 2)
    #expect(try memory(tiny.builder()).cacheBytesPerSequence(settings) == bytes)
    let source = try GGUFSource(MemorySource(tiny.bytes()))
    let lines = try ModelMemory(source).lines()
    let smaller = 2 * 32 * (2 * 2 * 2 * (16 + 4))
    let sizes = "\(bytes) as bf16, \(smaller) as int8, \(2 * bytes) as f32 bytes"
    #expect(lines.contains("  at most for each conversation: \(sizes)"))
  }

  @Test("With a window in some layers a position takes the others for good")
  func groups() throws {
    var tiny = TinyModel()
    let settings = EngineConfiguration()
    for architecture in [TinyArchitecture.llama, .windowed] {
      tiny.architecture = architecture
      #expect(try memory(tiny.builder()).cacheBytesBehindWindows(settings) == nil)
    }
    (tiny.architecture, tiny.context) = (.gemma2, 2048)
    // One of two layers: keys and values of two heads of 16.
    let bytes = 2 * 2 * 16 * 2
    #expect(try memory(tiny.builder()).cacheBytesBehindWindows(settings) == bytes)
    let lines = try ModelMemory(GGUFSource(MemorySource(tiny.bytes()))).lines()
    let sizes = "\(bytes) as bf16, \(2 * 2 * (16 + 4)) as int8, \(2 * bytes) as f32 bytes"
    #expect(lines.contains("  once it is behind the windows: \(sizes)"))
  }

  @Test("The workspace grows with the rows of a step and the logits that may be wanted")
  func workspace() throws {
    let memory = try memory(TinyModel().builder())
    func bytes(rows: Int, sequences: Int) throws -> Int {
      var configuration = EngineConfiguration()
      (configuration.rowsPerStep, configuration.runningSequences) = (rows, sequences)
      return try memory.workspaceBytes(configuration)
    }
    let least = try bytes(rows: 8, sequences: 1)
    // At least the hidden rows, and the logits of the sequences.
    #expect(try bytes(rows: 16, sequences: 1) >= least + 8 * 64 * 4)
    #expect(try bytes(rows: 64, sequences: 32) >= bytes(rows: 64, sequences: 16) + 16 * 320 * 4)
  }

  @Test("It is not known of an architecture that is not supported")
  func unknown() {
    var builder = TinyModel().builder()
    builder.entries[0] = .init("general.architecture", .text("odd"))
    let bytes = builder
    #expect(throws: ModelError.self) { try memory(bytes) }
  }
}
