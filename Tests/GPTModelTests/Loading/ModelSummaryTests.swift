import Foundation
import GPTModel
import TestSupport
import Testing

@Suite("What inspect says")
struct ModelSummaryTests {
  /// What is said of a file.
  private func summary(of bytes: [UInt8]) throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(
      path: "apus-summary-\(UUID().uuidString).gguf")
    defer { try? FileManager.default.removeItem(at: path) }
    try Data(bytes).write(to: path)
    return try ModelSummary(path: path.path).describe(everyTensor: false)
  }

  private func odd(_ name: String) throws -> [UInt8] {
    try #require(OddFile.all.first { $0.name == name }).bytes
  }

  @Test("A file that runs is said to, with the memory that it takes and its warnings")
  func runs() throws {
    let text = try summary(of: odd("unread_key"))
    #expect(text.contains("\nRuns: yes\n"))
    #expect(text.contains("  weights as the kernels read them: "))
    #expect(text.contains("  warning: llama.attention.twist: "))
  }

  @Test(
    "Of a file that does not run, every piece that is missing is named",
    arguments: [
      ("unknown_arch", "'twist' is not one of"), ("arch_mmproj", "(mmproj)"),
      ("tok_rwkv", "'rwkv' is not one of"), ("attn_bias", "blk.0.attn_k.bias"),
      ("no_tensors", "a vocabulary alone"), ("rope_unknown", "'twist' is not one of none"),
    ])
  func missing(name: String, piece: String) throws {
    let text = try summary(of: odd(name))
    let verdict = try #require(text.components(separatedBy: "\nRuns: no\n").last)
    #expect(verdict.contains(piece), "\(text)")
  }

  @Test("A file without tensors has a vocabulary that can be read")
  func vocabulary() throws {
    let path = FileManager.default.temporaryDirectory.appending(
      path: "apus-vocabulary-\(UUID().uuidString).gguf")
    defer { try? FileManager.default.removeItem(at: path) }
    try Data(odd("no_tensors")).write(to: path)
    let tokenizer = try LoadedModel.loadTokenizer(path: path.path)
    #expect(tokenizer.encode(" the and") == [258, 263].map { Token($0) })
  }
}
