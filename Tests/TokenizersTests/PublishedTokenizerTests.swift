import Foundation
import JSON
import Testing
import Tokenizers

/// Folders with a `tokenizer.json` and a `reference.json` that has a text: those of models that write text.
private let folders: [String: URL] = {
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Tests/Goldens/tiny")
  let found = try? FileManager.default.contentsOfDirectory(
    at: root, includingPropertiesForKeys: nil)
  var folders: [String: URL] = [:]
  for folder in found ?? [] {
    let file = folder.appending(path: "tokenizer.json").path
    let name = folder.lastPathComponent
    guard FileManager.default.fileExists(atPath: file), !name.contains("rerank") else { continue }
    if name == "bert_embed" || !name.contains("embed") { folders[name] = folder }
  }
  return folders
}()

@Suite("Tokenizers of folders as they are published")
struct PublishedTokenizerTests {
  private func read(_ folder: URL, _ name: String) throws -> JSONObject {
    let data = try Data(contentsOf: folder.appending(path: name))
    return try JSONValue(parsing: Array(data), limits: .golden).members
  }

  @Test(
    "A published folder gives the reference's tokens",
    arguments: folders.keys.sorted())
  func published(_ name: String) throws {
    let folder = try #require(folders[name])
    let document = try read(folder, "tokenizer.json")
    let reference = try read(folder, "reference.json")
    let configuration = try read(folder, "tokenizer_config.json")
    let rows = try #require(read(folder, "config.json")["vocab_size"]?.integer)
    let model = document.object("model")["type"]?.text
    let tokenizer = try Tokenizer(
      Vocabulary(tokenizer: .object(document), configuration: configuration, ends: [], rows: rows))
    let text = try #require(reference["text"]?.text)
    let expected = reference.values("input_ids").map(\.tokens)
    // The reference is what fits in as many positions, in some folders as a batch of one.
    let ids = expected.first.map { $0.isEmpty ? reference["input_ids"]?.tokens ?? [] : $0 } ?? []
    let found = tokenizer.encode(
      [PromptSegment(text, from: .content)], addsClosing: model != "BPE")
    #expect(!ids.isEmpty)
    #expect(Array(found.prefix(ids.count)) == ids)
  }
}
