import Foundation
import Testing
import Tokenizers

@testable import GPTModel

/// The folder of llama.cpp's vocabularies, which not everyone has.
private let folder = ProcessInfo.processInfo.environment["LLAMA_VOCABULARIES"]

@Suite("Vocabularies of llama.cpp's sources")
struct PublishedVocabularyTests {
  @Test(
    "Each gives the tokens that lie beside it",
    .enabled(if: folder != nil, "LLAMA_VOCABULARIES names no folder"))
  func vectors() throws {
    let folder = URL(filePath: try #require(folder))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".gguf.inp") }
    try #require(!names.isEmpty)
    for name in names.sorted() {
      let model = folder.appending(path: String(name.dropLast(4)))
      let tokenizer = try LanguageModel.loadTokenizer(path: model.path)
      let texts = try read(folder.appending(path: name))
        .components(separatedBy: "\n__ggml_vocab_test__\n")
      let lines = try read(folder.appending(path: "\(name.dropLast(4)).out"))
        .components(separatedBy: "\n")
      for (text, line) in zip(texts, lines) {
        let expected = line.split(separator: " ").compactMap { Token($0) }
        #expect(tokenizer.encode(text) == expected, "\(name) \(text.debugDescription)")
      }
    }
  }

  private func read(_ file: URL) throws -> String {
    String(decoding: try Data(contentsOf: file), as: UTF8.self)
  }
}
