import Foundation
import GPTModel
import Testing

/// The folder of llama.cpp's sources; nil where none is named.
private let folder = ProcessInfo.processInfo.environment["APUS_LLAMA_CPP"]

/// Vocabularies that llama.cpp keeps in `models`, each with texts and the tokens that it makes of them.
///
/// `make campaign-vocabularies LLAMA_CPP=FOLDER` names the folder.
@Suite("Vocabularies of llama.cpp", .enabled(if: folder != nil))
struct VocabularyFileTests {
  /// The vocabularies that have vectors.
  static let names =
    (try? FileManager.default.contentsOfDirectory(atPath: "\(folder ?? "")/models"))?
    .filter { $0.hasPrefix("ggml-vocab-") && $0.hasSuffix(".gguf.inp") }
    .map { String($0.dropLast(4)) }.sorted() ?? []

  @Test("There are vectors")
  func isComplete() {
    #expect(Self.names.count > 10)
  }

  @Test("Every text has the tokens that stand beside it", arguments: names)
  func vectors(name: String) throws {
    let path = "\(folder ?? "")/models/\(name)"
    let tokenizer = try LoadedModel.loadTokenizer(path: path)
    let texts = try String(contentsOfFile: "\(path).inp", encoding: .utf8)
      .components(separatedBy: "\n__ggml_vocab_test__\n")
    let lines = try String(contentsOfFile: "\(path).out", encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count >= texts.count)
    var wrong = 0
    for (text, line) in zip(texts, lines) {
      let expected = line.split(separator: " ").compactMap { Token($0) }
      let found = tokenizer.encode(text)
      if found != expected {
        wrong += 1
        print("\(name): \(text.debugDescription): \(found), not \(expected)")
      }
    }
    #expect(wrong == 0, "\(wrong) of \(texts.count)")
  }
}
