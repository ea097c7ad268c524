import GPTModel
import JSON
import ModelFiles
import TestSupport
import Testing

@testable import Training

/// What files and settings may be wrong in: each case is an error that names the fault, never an end of the process.
@Suite("Hostile files of training")
struct HostileTests {
  private static let identity = ["seed": "1"]

  private static func trainer() throws -> Trainer { try ModelGoldenTests.trainer() }

  private static func checkpoint(_ trainer: Trainer) -> Checkpoint {
    RunState(identity: identity, step: 2, optimizerSteps: 2).checkpoint(trainer)
  }

  @Test(
    "State that is none, or of another run",
    arguments: [
      "", "[]", "{", "7", "null", "{}", "{\"version\":2}", "{\"version\":1}",
      "{\"version\":1,\"step\":-1,\"optimizer_steps\":0,\"identity\":{}}",
      "{\"version\":1,\"step\":2,\"optimizer_steps\":3,\"identity\":{}}",
      "{\"version\":1,\"step\":2.5,\"optimizer_steps\":0,\"identity\":{}}",
      "{\"version\":1,\"step\":9223372036854775807,\"optimizer_steps\":0,\"identity\":{}}",
      "{\"version\":1,\"step\":1e300,\"optimizer_steps\":0,\"identity\":{}}",
      "{\"version\":1,\"step\":2,\"optimizer_steps\":2,\"identity\":[]}",
      "{\"version\":1,\"step\":2,\"optimizer_steps\":2,\"identity\":{\"seed\":1}}",
      "{\"version\":1,\"step\":2,\"optimizer_steps\":2,\"identity\":{\"seed\":\"2\"}}",
      "{\"version\":1,\"step\":2,\"optimizer_steps\":2,\"identity\":{}}",
      "{\"version\":1,\"step\":3,\"optimizer_steps\":2,\"identity\":{\"seed\":\"1\"}}",
      "{\"version\":1,\"version\":1,\"step\":2,\"optimizer_steps\":2,\"identity\":{\"seed\":\"1\"}}",
    ])
  func state(text: String) throws {
    let trainer = try Self.trainer()
    var files = Self.checkpoint(trainer).files
    files["state.json"] = Array(text.utf8)
    #expect(throws: TrainingError.self) {
      try RunState.restore(
        Checkpoint(step: 2, files: files), into: trainer, identity: Self.identity)
    }
  }

  @Test(
    "Tensors that lie about themselves",
    arguments: [
      "", "{", "[]", "{\"w\":7}", "{\"w\":{}}",
      "{\"w\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,8]}}",
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}",
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}",
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[9223372036854775800,9223372036854775807]}}",
      "{\"v\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
    ])
  func tensors(header: String) {
    var bytes: [UInt8] = []
    bytes.append(little: UInt64(header.utf8.count))
    bytes += Array(header.utf8) + [UInt8](repeating: 0, count: 8)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2) { place in
      #expect(throws: TrainingError.self) {
        try TensorFile.decode(bytes, file: "file", into: ["w": place])
      }
      bytes.replaceSubrange(0..<8, with: [UInt8](repeating: 255, count: 8))
      #expect(throws: TrainingError.self) {
        try TensorFile.decode(bytes, file: "file", into: ["w": place])
      }
      #expect(throws: TrainingError.self) {
        try TensorFile.decode(Array(bytes.prefix(7)), file: "file", into: ["w": place])
      }
    }
  }

  @Test("Checkpoints that lack a file")
  func missing() throws {
    let trainer = try Self.trainer()
    let checkpoint = Self.checkpoint(trainer)
    for name in checkpoint.files.keys {
      var files = checkpoint.files
      files[name] = nil
      let error = #expect(throws: TrainingError.self) {
        try RunState.restore(
          Checkpoint(step: 2, files: files), into: trainer, identity: Self.identity)
      }
      #expect(error?.field == name)
    }
  }

  @Test("A corpus of which any byte is another, or that ends early")
  func corpus() throws {
    var corpus = try TokenCorpus(
      vocabulary: 9, vocabularyDigest: [UInt8](repeating: 1, count: 32))
    for document in [[1, 2, 3], [4], []] as [[UInt32]] { try corpus.append(document) }
    let bytes = corpus.encoded()
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 0x80
      #expect(throws: TrainingError.self) { try TokenCorpus(decoding: changed) }
      #expect(throws: TrainingError.self) { try TokenCorpus(decoding: Array(bytes[..<place])) }
    }
  }

  @Test("Vocabularies that an export cannot take over")
  func vocabularies() throws {
    for text in [
      "7", "{}", "{\"model\":{}}", "{\"model\":{\"vocab\":{},\"merges\":[]}}",
      "{\"model\":{\"vocab\":{},\"merges\":[]},\"pre_tokenizer\":{\"type\":\"Metaspace\"}}",
      """
      {"model":{"vocab":{"a":"b"},"merges":[]},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false}}
      """,
      """
      {"model":{"vocab":{},"merges":[7]},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false}}
      """,
      """
      {"model":{"vocab":{},"merges":[["a"]]},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false}}
      """,
      """
      {"model":{"vocab":{},"merges":[]},"added_tokens":[{}],"pre_tokenizer":{"type":"ByteLevel",\
      "add_prefix_space":false}}
      """,
    ] {
      let document = try JSONValue(parsing: Array(text.utf8))
      let error = #expect(throws: TrainingError.self) {
        try ByteLevelVocabulary(document: document)
      }
      #expect(error?.field == "tokenizer")
    }
  }

  @Test("Models with weights that are no numbers, or too few")
  func weights() throws {
    var tiny = TinyModel()
    tiny.format = .float32
    var builder = tiny.builder()
    builder.change("blk.1.ffn_up.weight") { tensor in
      tensor.data.replaceSubrange(0..<4, with: [0, 0, 0xC0, 0x7F])
    }
    let source = try GGUFSource(MemorySource(builder.bytes()))
    let error = #expect(throws: TrainingError.self) { try TrainableModel(source: source) }
    #expect(error?.field == "blk.1.ffn_up.weight")
    var shorter = tiny.builder()
    shorter.tensors.remove(at: 3)
    #expect(throws: ModelError.self) {
      try TrainableModel(source: GGUFSource(MemorySource(shorter.bytes())))
    }
  }
}
