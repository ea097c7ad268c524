import Foundation
import Tokenizers

/// What the reference tokenizer made of texts, with the vocabulary it used (see tokenizer.py).
struct TokenizerGolden: Decodable {
  let specials: Int
  let pieces: [String]
  let merges: [String]
  let texts: [String]
  let plain: [String: [[Token]]]
  let special: [[Token]]
  let order: [Int]
  let shuffled: [[Token]]
  let classes: [String: [[UInt32]]]

  static func load() throws -> TokenizerGolden {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Goldens/tokenizer.json")
    return try JSONDecoder().decode(TokenizerGolden.self, from: Data(contentsOf: file))
  }

  var specialTexts: [String] { Array(pieces.prefix(specials)) }

  func tokenizer(_ preTokenizer: String, merges: [String]? = nil) throws -> Tokenizer {
    var draft = VocabularyDraft(pieces: pieces, merges: merges ?? self.merges)
    for token in 0..<specials { draft.kinds[token] = .control }
    draft.preTokenizer = preTokenizer
    return try draft.tokenizer()
  }
}

/// The parts of a vocabulary, to be changed before it is made.
struct VocabularyDraft {
  var pieces: [String]
  var kinds: [TokenKind]
  var merges: [String]
  var preTokenizer = "smollm"
  var marks = SequenceMarks()

  /// A vocabulary of normal pieces.
  init(pieces: [String], merges: [String] = []) {
    self.pieces = pieces
    self.merges = merges
    kinds = pieces.map { _ in .normal }
  }

  /// The bytes as tokens 0 to 255, and what follows from the merges.
  static func bytes(merges: [String] = []) -> VocabularyDraft {
    let bytes = (UInt8.min...UInt8.max).map { ByteAlphabet.piece(for: [$0]) }
    var draft = VocabularyDraft(pieces: bytes, merges: merges)
    for merge in merges { draft.add(merge.filter { $0 != " " }, .normal) }
    return draft
  }

  mutating func add(_ piece: String, _ kind: TokenKind) {
    guard !pieces.contains(piece) else { return }
    pieces.append(piece)
    kinds.append(kind)
  }

  func adding(_ specials: [String], _ kind: TokenKind = .control) -> VocabularyDraft {
    var draft = self
    for special in specials { draft.add(special, kind) }
    return draft
  }

  func vocabulary() throws(VocabularyError) -> Vocabulary {
    try Vocabulary(
      pieces: pieces, kinds: kinds, merges: merges, preTokenizer: preTokenizer, marks: marks)
  }

  func tokenizer() throws(VocabularyError) -> Tokenizer { try Tokenizer(vocabulary()) }
}

extension Tokenizer {
  /// The bytes that tokens stand for.
  func bytes(of tokens: [Token]) -> [UInt8] { tokens.flatMap { bytes(of: $0) } }

  /// How many of the tokens are control tokens.
  func controlCount(_ tokens: [Token]) -> Int {
    tokens.filter { kind(of: $0) == .control }.count
  }
}

/// The kind and the field of what is wrong with a vocabulary; nil where nothing is.
func fault(_ make: () throws -> Vocabulary) throws -> String? {
  do {
    _ = try Tokenizer(make())
    return nil
  } catch let error as VocabularyError {
    return "\(error.kind.rawValue) \(error.field)"
  }
}
