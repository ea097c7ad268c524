import Foundation
import JSON
import Testing
import Tokenizers

@testable import Training

/// Learning a tokenizer, against the usual library's merges.
@Suite("A tokenizer that is learned")
struct BytePairTrainerTests {
  private static func golden() throws -> JSONObject {
    let bytes = [UInt8](try Data(contentsOf: Golden.folder.appending(path: "tokenizer.json")))
    return try #require(try JSONValue(parsing: bytes, limits: JSONLimits(values: 10_000)).object)
  }

  private static func learned(_ size: Int) throws -> BytePairVocabulary {
    let data = try Data(contentsOf: Golden.folder.appending(path: "shakespeare.txt"))
    var trainer = BytePairTrainer(splitter: SmolLMSplitter())
    try trainer.add(String(decoding: data, as: UTF8.self))
    return try trainer.train(vocabulary: size)
  }

  @Test("has the library's merges, in order")
  func merges() throws {
    let merges = try #require(try Self.golden()["merges"]?.array)
    let expected = merges.map { $0.array?.compactMap(\.string) ?? [] }
    #expect(expected.count == 256)
    #expect(try Self.learned(512).spelledMerges == expected)
  }

  @Test("makes the library's tokens of a text, once its file is read")
  func tokens() throws {
    let golden = try Self.golden()
    let document = try Self.learned(512).document(controls: ["<|end|>"])
    let vocabulary = try Vocabulary(
      tokenizer: document, configuration: nil, ends: [512], rows: 513)
    let tokenizer = try Tokenizer(vocabulary)
    let sample = try #require(golden["sample"]?.string)
    let expected = try #require(golden["ids"]?.array).compactMap(\.integer)
    #expect(expected.count == 214)
    #expect(tokenizer.encode(sample).map { Int($0) } == expected)
  }

  @Test("breaks ties by the smaller symbols, and leaves pairs that occur once")
  func rules() throws {
    var trainer = BytePairTrainer(splitter: SmolLMSplitter())
    try trainer.add("ba cd ba cd")
    let vocabulary = try trainer.train(vocabulary: 300)
    #expect(vocabulary.spelledMerges.prefix(2) == [["b", "a"], ["c", "d"]])
    var single = BytePairTrainer(splitter: SmolLMSplitter())
    try single.add("xyz")
    #expect(try single.train(vocabulary: 300).merges.isEmpty)
  }

  @Test("merges runs of one symbol from the left")
  func runs() throws {
    var trainer = BytePairTrainer(splitter: SmolLMSplitter())
    try trainer.add("aaaaa\naaaaa\naaaaa")
    let vocabulary = try trainer.train(vocabulary: 258)
    // Each word is aa aa a then; both pairs occur as often, and a comes before aa.
    #expect(vocabulary.spelledMerges == [["a", "a"], ["aa", "a"]])
  }

  @Test("refuses sizes beyond its limits", arguments: [0, 255, 65_537])
  func limits(size: Int) throws {
    let trainer = BytePairTrainer(splitter: SmolLMSplitter())
    #expect(throws: TrainingError.self) { try trainer.train(vocabulary: size) }
  }
}
