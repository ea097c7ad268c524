import JSON
import Testing
import Tokenizers

@Suite("Published vocabularies against their reference tokens")
struct TokenVectorTests {
  private static let kinds: [TokenKind] = [
    .normal, .unknown, .control, .userDefined, .unused, .byte,
  ]

  @Test(
    "The reference's tokens come out, for every text",
    arguments: ["gpt2", "deepseek_v4", "tekken", "qwen2", "phi3", "bert"])
  func vectors(_ name: String) throws {
    let golden = try GoldenFile.one("token_vectors").object(name)
    let tokenizer = try Tokenizer(vocabulary(golden))
    let cases = golden.values("cases").map(\.elements)
    try #require(cases.count == 60)
    for parts in cases {
      let text = parts[0].text
      // What names added tokens is text to us where a message has it, but to the reference not.
      let source: PromptSegment.Source =
        name == "phi3" && text.hasPrefix("<s></s>") ? .template : .content
      let found = tokenizer.encode([PromptSegment(text, from: source)], addsBeginning: false)
      #expect(found == parts[1].tokens, "\(text.debugDescription)")
    }
  }

  private func vocabulary(_ golden: JSONObject) throws -> Vocabulary {
    let rows = golden["rows"]?.integer ?? 0
    switch golden["kind"]?.text {
    case "tokenizer":
      return try Vocabulary(
        tokenizer: try #require(golden["document"]), configuration: nil, ends: [], rows: rows)
    case "tekken":
      return try Vocabulary(tekken: try #require(golden["document"]), ends: [], rows: rows)
    case "tiktoken": return try tiktoken(golden)
    default: return try rowed(golden, rows: rows)
    }
  }

  /// A list of ranked pieces in which bytes that no text has stand for those that were left out.
  private func tiktoken(_ golden: JSONObject) throws -> Vocabulary {
    let pieces = golden.object("pieces")
    var lines = ""
    for rank in 0..<(golden["count"]?.integer ?? 0) {
      let filler = [0xFF, 0xFF] + (0..<4).map { UInt8(truncatingIfNeeded: rank >> ($0 * 8)) }
      lines += "\(pieces["\(rank)"]?.text ?? base64(filler)) \(rank)\n"
    }
    return try Vocabulary(
      tokenizerModel: Array(lines.utf8), configuration: nil, ends: [], rows: 151_936)
  }

  private func rowed(_ golden: JSONObject, rows: Int) throws -> Vocabulary {
    var pieces = [String](repeating: "", count: rows)
    var kinds = [TokenKind](repeating: .unused, count: rows)
    var scores = [Float](repeating: 0, count: rows)
    for entry in golden.values("pieces").map(\.elements) {
      pieces[entry[0].integer] = entry[1].text
      kinds[entry[0].integer] = Self.kinds[entry[2].integer - 1]
      if entry.count > 3 { scores[entry[0].integer] = Float(entry[3].number) }
    }
    if golden["kind"]?.text == "bert" {
      kinds[100] = .unknown
      return try Vocabulary(pieces: pieces, kinds: kinds, wordPiece: .init(), marks: .init())
    }
    return try Vocabulary(
      pieces: pieces, kinds: kinds, scores: scores, addsSpacePrefix: true, marks: .init())
  }
}

/// Bytes as Base64.
func base64(_ bytes: [UInt8]) -> String {
  let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  var text = ""
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
    for index in 0...3 {
      text.append(index <= group.count ? letters[bits >> (18 - 6 * index) & 63] : "=")
    }
  }
  return text
}
