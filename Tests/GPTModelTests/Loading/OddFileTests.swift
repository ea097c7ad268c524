import Foundation
import GPTModel
import TestSupport
import Testing

/// Files that run elsewhere, each with one oddity.
///
/// `WRITE_DOCUMENTATION=1 swift test --filter OddFileTests` writes the table of the page anew.
@Suite("Odd files")
struct OddFileTests {
  static let page = Models.root.appending(path: "Documentation/OddFiles.md")

  private func model(_ name: String) throws -> LoadedModel {
    let file = try #require(OddFile.all.first { $0.name == name }, "\(name)")
    return try LoadedModel.read(source: MemorySource(file.bytes))
  }

  @Test("There are more than a hundred, each with a name of its own")
  func names() {
    #expect(OddFile.all.count > 110)
    #expect(Set(OddFile.all.map(\.name)).count == OddFile.all.count)
  }

  @Test("What becomes of each stands in the documentation")
  func table() throws {
    let rows = OddFile.all.map { "| \($0.name) | \($0.oddity) | \(Self.outcome($0)) |" }
    let table = (["| file | what is odd | what becomes of it |", "|---|---|---|"] + rows)
      .joined(separator: "\n")
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let start = try #require(text.range(of: "<!-- files -->\n")).upperBound
    let end = try #require(text.range(of: "\n<!-- end -->")).lowerBound
    guard ProcessInfo.processInfo.environment["WRITE_DOCUMENTATION"] == nil else {
      let new = text.replacingCharacters(in: start..<end, with: table)
      return try new.write(to: Self.page, atomically: true, encoding: .utf8)
    }
    #expect(text[start..<end] == table)
  }

  /// What becomes of a file, in words.
  private static func outcome(_ file: OddFile) -> String {
    do {
      let model = try LoadedModel.read(source: MemorySource(file.bytes))
      let warnings = model.warnings.map { "`\($0.field)`: \($0.detail)" }
      return (["runs"] + warnings).joined(separator: "; ").replacing("|", with: "\\|")
    } catch let error as ModelError {
      // Lists of what is known grow.
      let lists = ["is not one of llama", "known: ", "not in the file: "]
      let end = lists.compactMap { error.detail.range(of: $0)?.lowerBound }.min()
      let detail = error.detail[..<(end ?? error.detail.endIndex)]
      let rest = end == nil ? "" : "…"
      return "refused: `\(error.field)`: \(detail)\(rest)".replacing("|", with: "\\|")
    } catch {
      return "\(error)"
    }
  }

  @Test(
    "An answer ends with every token that may end it",
    arguments: ["eos_end_of_text", "no_eos", "chatml_eos_endoftext", "eos_array", "eos_oob"])
  func ends(name: String) throws {
    let ends = try model(name).tokenizer.endsOfSequence
    for text in ["<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|endoftext|>", "<|end_of_text|>"] {
      #expect(ends.contains(Token(OddFile.token(text))), "\(text)")
    }
    #expect(!ends.contains(Token(OddFile.token("<|im_start|>"))))
  }

  @Test("A prompt begins with the beginning of sequence once, where the family has it")
  func beginnings() throws {
    let begin = Token(OddFile.token("<|begin_of_text|>"))
    for (name, count) in [("no_add_bos", 1), ("add_bos_true", 1), ("add_bos_no_id", 0)] {
      let model = try model(name)
      let plain = model.tokenizer.encode([PromptSegment("the", from: .content)])
      #expect(plain.filter { $0 == begin }.count == count, "\(name)")
      let request = try model.request(for: [ChatMessage(role: "user", content: "the")])
      #expect(request.prompt.tokens.filter { $0 == begin }.count == count, "\(name)")
    }
    let plain = try model("add_bos_false").tokenizer.encode([
      PromptSegment("the", from: .content)
    ])
    #expect(!plain.contains(begin))
  }

  @Test(
    "Marks are marks whatever type they have, to templates and not to users",
    arguments: ["base", "specials_user_defined", "specials_normal", "no_types"])
  func marks(name: String) throws {
    let model = try model(name)
    let mark = "<|start_header_id|>"
    let header = Token(OddFile.token(mark))
    let tokens = try model.request(for: [ChatMessage(role: "user", content: mark)]).prompt.tokens
    // One before the message and one before the answer; what the user wrote is text.
    #expect(tokens.filter { $0 == header }.count == 2)
    #expect(tokens.first == Token(OddFile.token("<|begin_of_text|>")))
    #expect(model.tokenizer.bytes(of: Token(OddFile.token("<|eot_id|>"))).isEmpty)
  }

  @Test("Angles are stretched alike however files spell it")
  func angles() throws {
    func scaling(_ name: String) throws -> RotaryScaling? {
      try model(name).spec.layers[0].attention?.rotary?.scaling
    }
    let linear = RotaryScaling.linear(factor: 4)
    for name in ["rope_linear", "rope_factor_only", "rope_scale_linear_old"] {
      #expect(try scaling(name) == linear, "\(name)")
    }
    #expect(try scaling("rope_none_factor0") == RotaryScaling.none)
    guard case .yarn(let yarn)? = try scaling("rope_yarn_no_orig") else {
      Issue.record("not YaRN")
      return
    }
    #expect(yarn.originalContext == 256)
  }

  @Test("A template for tools is used for them alone, and a family's own where there is none")
  func templates() throws {
    let named = try model("template_named")
    #expect(named.toolTemplate != nil && named.chatTemplate != nil)
    let family = try model("no_template")
    let request = try family.request(for: [ChatMessage(role: "user", content: "the")])
    let start = Token(OddFile.token("<|im_start|>"))
    #expect(request.prompt.tokens.filter { $0 == start }.count == 2)
    #expect(try model("no_template_plain").chatTemplate == nil)
    #expect(try model("template_broken").chatTemplateError != nil)
  }

  @Test("The file says how tokens are chosen where nobody else does")
  func sampling() throws {
    let sampling = try model("sampling").usualSampling
    #expect(sampling.temperature == 0.6 && sampling.topK == 20 && sampling.topP == 1)
  }

  @Test("A draft layer is left out")
  func drafts() throws {
    #expect(try model("draft_layer").spec.layers.count == 1)
  }

  @Test("What llama.cpp's converter writes causes no warning", arguments: TinyArchitecture.inFiles)
  func usual(architecture: TinyArchitecture) throws {
    let model = try Models.tiny { $0.architecture = architecture }
    #expect(model.warnings.isEmpty, "\(model.warnings)")
  }
}
