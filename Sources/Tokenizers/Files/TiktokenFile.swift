/// A list of ranked pieces as tiktoken keeps it: on each line a piece in Base64, a space, its rank.
enum TiktokenFile {
  private static let maximumByteCount = 1 << 26

  /// Returns the piece of each rank, or nil where the first line is none of such a file.
  ///
  /// - Throws: An error where a later line is none, a rank stands twice, or one is too high.
  static func ranks(_ bytes: [UInt8]) throws(VocabularyError) -> [[UInt8]]? {
    guard bytes.count <= maximumByteCount else {
      throw VocabularyError(
        .limit, field: .pieces, "\(bytes.count) bytes; at most \(maximumByteCount)")
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    guard let first = lines.first, entry(first) != nil else { return nil }
    guard lines.count <= Vocabulary.maximumCount else {
      throw VocabularyError(
        .limit, field: .pieces, "\(lines.count) pieces; at most \(Vocabulary.maximumCount)")
    }
    // Ranks leave at most as many gaps as there are pieces.
    var ranks = [[UInt8]](repeating: [], count: lines.count)
    for (number, line) in lines.enumerated() {
      guard let (piece, rank) = entry(line), !piece.isEmpty else {
        throw VocabularyError(
          .invalid, field: .pieces, "line \(number + 1) is not a piece in Base64 and its rank")
      }
      guard rank < 2 * lines.count else {
        throw VocabularyError(
          .invalid, field: .pieces, "line \(number + 1): rank \(rank) of \(lines.count) pieces")
      }
      while ranks.count <= rank { ranks.append([]) }
      guard ranks[rank].isEmpty else {
        throw VocabularyError(
          .duplicate, field: .pieces, "line \(number + 1): rank \(rank) stands twice")
      }
      ranks[rank] = piece
    }
    return ranks
  }

  private static func entry(_ line: ArraySlice<UInt8>) -> (piece: [UInt8], rank: Int)? {
    let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].allSatisfy({ (0x30...0x39).contains($0) }),
      let rank = Int(String(decoding: parts[1], as: UTF8.self)),
      let piece = Base64.decode(parts[0])
    else { return nil }
    return (piece, rank)
  }
}

/// What a list of ranked pieces does not say, as its special tokens or its length tell.
struct TiktokenIdentity {
  let splitter: any TextSplitter
  let addsBeginning: Bool
  /// Whether text is composed canonically first.
  let composes: Bool
  let beginning: String?
  let end: String?
  private let named: [String]
  private let reserved: (name: String, count: Int)?

  private struct Known {
    /// A special token that no other vocabulary has.
    let mark: String
    let count: Int
    let splitter: String
    var beginning: String?
    var end: String?
    var addsBeginning = false
    var composes = false
    var named: [String] = []
    var reserved: (name: String, count: Int)?
  }

  private static let known: [Known] = [
    Known(
      mark: "<|begin_of_text|>", count: 128_000, splitter: "llama-bpe",
      beginning: "<|begin_of_text|>", end: "<|end_of_text|>", addsBeginning: true,
      named: [
        "<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>",
        "<|reserved_special_token_1|>", "<|finetune_right_pad_id|>", "<|step_id|>",
        "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>", "<|eot_id|>",
        "<|python_tag|>",
      ], reserved: ("<|reserved_special_token_", 256)),
    Known(
      mark: "<|im_start|>", count: 151_643, splitter: "qwen2", end: "<|endoftext|>",
      composes: true, named: ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
      reserved: ("<|extra_", 208)),
    Known(
      mark: "<|im_system|>", count: 163_584, splitter: "kimi-k2", beginning: "[BOS]", end: "[EOS]",
      named: ["[BOS]", "[EOS]", "<|im_end|>"]),
    Known(
      mark: "<|endofprompt|>", count: 199_998, splitter: "gpt-4o", end: "<|endoftext|>",
      named: ["<|endoftext|>"]),
    Known(mark: "<|fim_prefix|>", count: 100_256, splitter: "dbrx", end: "<|endoftext|>"),
    Known(
      mark: "", count: 50_256, splitter: "gpt-2", end: "<|endoftext|>",
      named: ["<|endoftext|>"]),
  ]

  /// Finds the vocabulary by its length, else by its special tokens.
  init(count: Int, added: Set<String>) throws(VocabularyError) {
    let found =
      Self.known.first { $0.count == count } ?? Self.known.first { added.contains($0.mark) }
    guard let found, let splitter = TextSplitters.named(found.splitter) else {
      throw VocabularyError(
        .unsupported, field: .preTokenizer,
        "\(count) ranked pieces, and no special token that tells how text is cut")
    }
    self.splitter = splitter
    addsBeginning = found.addsBeginning
    composes = found.composes
    beginning = found.beginning
    end = found.end
    named = found.named
    reserved = found.reserved
  }

  /// The special tokens of a file beside which none are listed.
  func specials(after count: Int) -> [AddedEntry] {
    var names = named
    if let reserved {
      var index = names.count { $0.hasPrefix(reserved.name) }
      while names.count < reserved.count {
        names.append("\(reserved.name)\(index)|>")
        index += 1
      }
    }
    return names.enumerated().map { offset, name in
      AddedEntry(token: count + offset, content: name, isSpecial: true)
    }
  }
}
