import ModelFiles
import Tokenizers

extension Metadata {
  /// The tokens that a key names: one, or an array of them; without those that the vocabulary does not
  /// have, as writers say that there is none.
  func tokens(_ key: String, count: Int) throws(ModelError) -> [Token] {
    let range = Int(Int32.min)...Int(UInt32.max)
    let stated: [Int]
    if case .numbers? = self[key]?.value {
      stated = try integersIfPresent(key, count: 0...1024, in: range) ?? []
    } else {
      stated = try integerIfPresent(key, in: range).map { [$0] } ?? []
    }
    for token in stated where !(0..<count).contains(token) {
      notes.warn(key, "\(token) is not in a vocabulary of \(count); there is no such token")
    }
    return stated.filter { (0..<count).contains($0) }.map { Token(clamping: $0) }
  }

  /// The tokens about a gap that is to be filled; nil where the file does not name all of them.
  func gapTokens(count: Int) throws(ModelError) -> GapTokens? {
    var found: [Token] = []
    for names in [["fim_pre", "prefix"], ["fim_suf", "suffix"], ["fim_mid", "middle"]] {
      for name in names {
        let token = try tokens("tokenizer.ggml.\(name)_token_id", count: count).first
        if let token {
          found.append(token)
          break
        }
      }
    }
    var ends: [Token] = []
    for name in ["fim_pad", "fim_rep", "fim_sep"] {
      ends += try tokens("tokenizer.ggml.\(name)_token_id", count: count)
    }
    guard found.count == 3 else { return nil }
    return GapTokens(before: found[0], behind: found[1], middle: found[2], ends: ends)
  }

  /// Notes what was mended of a vocabulary.
  func warn(_ notes: [VocabularyMending.Note]) {
    for note in notes { self.notes.warn(note.field.metadataKey, note.detail) }
  }

  /// What each token is for, `[V]`; a number that means nothing is taken for text.
  func tokenKinds(count: Int) throws(ModelError) -> [TokenKind] {
    let key = "tokenizer.ggml.token_type"
    let range = Int(Int32.min)...Int(UInt32.max)
    guard let numbers = try integersIfPresent(key, count: count...count, in: range) else {
      return Array(repeating: .normal, count: count)
    }
    let kinds: [TokenKind] = [.normal, .unknown, .control, .userDefined, .unused, .byte]
    let unknown = numbers.filter { !(1...6).contains($0) }
    if let first = unknown.first {
      notes.warn(
        key,
        "there is no type \(first), which \(unknown.count) of \(count) tokens have or one like it;"
          + " they are taken for text")
    }
    return numbers.map { (1...6).contains($0) ? kinds[$0 - 1] : .normal }
  }

  /// The name of the pattern that cuts text; where the file has none, the one that its special tokens or
  /// its architecture tell.
  func preTokenizer(_ pieces: [String]) throws(ModelError) -> String {
    let key = "tokenizer.ggml.pre"
    if let name = try stringIfPresent(key, atMost: 64), !name.isEmpty { return name }
    let marks = Set(pieces.lazy.filter { $0.hasPrefix("<") || $0.hasPrefix("[") })
    if let known = Self.preTokenizers.first(where: { $0.marks.allSatisfy(marks.contains) }) {
      notes.warn(key, "not stated; by the special tokens it is \(known.name)")
      return known.name
    }
    let architecture = try stringIfPresent("general.architecture", atMost: 64) ?? ""
    let name = Self.oldArchitectures[architecture] ?? "default"
    let reason =
      Self.oldArchitectures[architecture] == nil ? "nothing tells it" : "by the architecture"
    notes.warn(key, "not stated; \(name) is taken (\(reason)), and tokens may be other ones")
    return name
  }

  /// Special tokens that vocabularies of one pattern have.
  private static let preTokenizers: [(name: String, marks: [String])] = [
    ("gpt-4o", ["<|return|>", "<|call|>", "<|message|>"]),
    ("llama-bpe", ["<|begin_of_text|>", "<|eot_id|>"]),
    ("llama-bpe", ["<|begin_of_text|>", "<|start_header_id|>"]),
    ("glm4", ["[gMASK]", "<sop>", "<|observation|>"]),
    ("deepseek-v3", ["<｜begin▁of▁sentence｜>", "<｜tool▁calls▁begin｜>"]),
    ("deepseek-llm", ["<｜begin▁of▁sentence｜>"]),
    ("command-r", ["<|START_OF_TURN_TOKEN|>", "<|CHATBOT_TOKEN|>"]),
    ("qwen2", ["<|im_start|>", "<|im_end|>", "<|object_ref_start|>"]),
    ("qwen2", ["<|im_start|>", "<|im_end|>", "<|fim_prefix|>"]),
    ("tekken", ["[INST]", "[/INST]", "[AVAILABLE_TOOLS]"]),
    ("starcoder", ["<fim_prefix>", "<fim_suffix>", "<gh_stars>"]),
  ]

  /// What cut text where files are older than the key.
  private static let oldArchitectures = [
    "gpt2": "gpt-2", "gptneox": "gpt-2", "phi2": "gpt-2", "mpt": "mpt", "starcoder": "starcoder",
    "starcoder2": "starcoder", "falcon": "falcon", "bloom": "bloom", "qwen2": "qwen2",
    "stablelm": "gpt-2", "refact": "refact", "codeshell": "codeshell",
  ]
}
