package import ModelFiles
package import Tokenizers

extension Tokenizer {
  /// Reads the tokenizer that a model's files describe.
  package init(_ files: VocabularyFiles) throws(ModelError) {
    let vocabulary: Vocabulary
    switch files {
    case .gguf(let metadata): vocabulary = try Vocabulary(metadata)
    case .folder(let files): vocabulary = try Vocabulary(files)
    }
    self = try ModelError.translating { () throws(VocabularyError) in try Tokenizer(vocabulary) }
  }
}

extension Vocabulary {
  /// What `tokenizer.ggml.model` may say.
  package static let modelNames = ["gpt2", "llama", "gemma4", "t5", "bert"]

  /// Reads the vocabulary that a model file carries under `tokenizer.ggml`.
  init(_ metadata: Metadata) throws(ModelError) {
    let model = try metadata.string("tokenizer.ggml.model", atMost: 64)
    let table = try metadata.strings("tokenizer.ggml.tokens", count: 1...(1 << 24))
    let count = table.count
    let pieces = (0..<count).map { table[$0] }
    let merges = model == "gpt2" || model == "gemma4" ? try metadata.merges() : nil
    var mending = VocabularyMending(
      pieces: pieces, kinds: try metadata.tokenKinds(count: count),
      beginning: try metadata.tokens("tokenizer.ggml.bos_token_id", count: count).first,
      merges: merges)
    defer { metadata.warn(mending.notes) }
    let kinds = mending.kinds
    switch model {
    case "gpt2", "gemma4":
      self = try .pairs(metadata, pieces, merges ?? [], &mending)
    case "llama": self = try .sentencePiece(metadata, pieces, kinds)
    case "t5": self = try .unigram(metadata, pieces, kinds)
    case "bert": self = try .wordPiece(metadata, pieces, kinds)
    default:
      throw ModelError(
        .unsupported, field: "tokenizer.ggml.model",
        "'\(model)' is not one of \(Self.modelNames.joined(separator: ", "))")
    }
  }

  /// Makes a vocabulary of merges: of all of them, or where some are at fault, of the others.
  private static func pairs(
    _ metadata: Metadata, _ pieces: [String], _ merges: [String],
    _ mending: inout VocabularyMending
  ) throws(ModelError) -> Vocabulary {
    let kinds = mending.kinds
    let make =
      try metadata.hasCharacters
      ? try characters(metadata, pieces, kinds) : try byteLevel(metadata, pieces, kinds)
    do throws(VocabularyError) {
      do throws(VocabularyError) {
        return try make(merges)
      } catch {
        guard error.field == .merges else { throw error }
        return try make(mending.usable(merges))
      }
    } catch {
      throw ModelError(error)
    }
  }

  /// Makes a vocabulary of merges.
  private typealias Maker = ([String]) throws(VocabularyError) -> Vocabulary

  private static func byteLevel(
    _ metadata: Metadata, _ pieces: [String], _ kinds: [TokenKind]
  ) throws(ModelError) -> Maker {
    let preTokenizer = try metadata.preTokenizer(pieces)
    let marks = try SequenceMarks(
      metadata, count: pieces.count,
      beginsByDefault: TextSplitters.named(preTokenizer)?.beginsSequences ?? false)
    return { merges throws(VocabularyError) in
      try Vocabulary(
        pieces: pieces, kinds: kinds, merges: merges, preTokenizer: preTokenizer, marks: marks)
    }
  }

  private static func characters(
    _ metadata: Metadata, _ pieces: [String], _ kinds: [TokenKind]
  ) throws(ModelError) -> Maker {
    let marks = try SequenceMarks(metadata, count: pieces.count, beginsByDefault: true)
    return { merges throws(VocabularyError) in
      try Vocabulary(characters: pieces, kinds: kinds, merges: merges, marks: marks)
    }
  }

  private static func sentencePiece(
    _ metadata: Metadata, _ pieces: [String], _ kinds: [TokenKind]
  ) throws(ModelError) -> Vocabulary {
    let scores = try metadata.floats("tokenizer.ggml.scores", count: 0...(1 << 24))
    let addsSpace = try metadata.boolIfPresent("tokenizer.ggml.add_space_prefix") ?? true
    let marks = try SequenceMarks(metadata, count: pieces.count, beginsByDefault: true)
    return try ModelError.translating { () throws(VocabularyError) in
      try Vocabulary(
        pieces: pieces, kinds: kinds, scores: scores, addsSpacePrefix: addsSpace, marks: marks)
    }
  }
}

extension Vocabulary {
  private static func unigram(
    _ metadata: Metadata, _ pieces: [String], _ kinds: [TokenKind]
  ) throws(ModelError) -> Vocabulary {
    let count = pieces.count
    var form = UnigramForm(
      scores: try metadata.floats("tokenizer.ggml.scores", count: count...count))
    form.addsSpacePrefix = try metadata.boolIfPresent("tokenizer.ggml.add_space_prefix") ?? true
    form.joinsSpaces =
      try metadata.boolIfPresent("tokenizer.ggml.remove_extra_whitespaces") ?? false
    form.characterMap = try metadata.integersIfPresent(
      "tokenizer.ggml.precompiled_charsmap", count: 0...(1 << 24), in: -128...255)?
      .map { UInt8(truncatingIfNeeded: $0) }
    let kinds = try metadata.settingUnknown(in: kinds, default: 2)
    let marks = try SequenceMarks(metadata, count: count, ends: .closing(default: true))
    return try ModelError.translating { () throws(VocabularyError) in
      try Vocabulary(pieces: pieces, kinds: kinds, unigram: form, marks: marks)
    }
  }

  private static func wordPiece(
    _ metadata: Metadata, _ pieces: [String], _ kinds: [TokenKind]
  ) throws(ModelError) -> Vocabulary {
    var form = WordPieceForm()
    form.lowercases = try metadata.boolIfPresent("tokenizer.ggml.normalizer.lowercase")
    form.stripsAccents = try metadata.boolIfPresent("tokenizer.ggml.normalizer.strip_accents")
    let kinds = try metadata.settingUnknown(in: kinds, default: 100)
    let marks = try SequenceMarks(metadata, count: pieces.count, ends: .separator)
    return try ModelError.translating { () throws(VocabularyError) in
      try Vocabulary(pieces: pieces, kinds: kinds, wordPiece: form, marks: marks)
    }
  }
}

extension Metadata {
  /// Whether a vocabulary that is called byte-level has its pieces as text.
  fileprivate var hasCharacters: Bool {
    get throws(ModelError) {
      if try string("tokenizer.ggml.model", atMost: 64) == "gemma4" { return true }
      let names = ["gemma4", "granite-embed-multi-311m", "sarvam-moe"]
      return names.contains(try stringIfPresent("tokenizer.ggml.pre", atMost: 64) ?? "")
    }
  }

  /// Returns the kinds with the unknown token as such, where none is.
  fileprivate func settingUnknown(
    in kinds: [TokenKind], default token: Int
  ) throws(ModelError) -> [TokenKind] {
    guard !kinds.contains(.unknown) else { return kinds }
    let stated = try integerIfPresent(
      "tokenizer.ggml.unknown_token_id", in: 0...(kinds.count - 1))
    guard let unknown = stated ?? (kinds.indices.contains(token) ? token : nil) else {
      return kinds
    }
    var kinds = kinds
    kinds[unknown] = .unknown
    return kinds
  }
}

/// What closes a text where the file does not say.
private enum ClosingRule {
  /// The end of sequence, if so.
  case closing(default: Bool)
  /// The separator.
  case separator
}

extension SequenceMarks {
  /// Reads the marks that a model file carries under `tokenizer.ggml`.
  fileprivate init(
    _ metadata: Metadata, count: Int, beginsByDefault: Bool = false,
    ends closingRule: ClosingRule = .closing(default: false)
  ) throws(ModelError) {
    func token(_ key: String) throws(ModelError) -> Token? {
      try metadata.tokens("tokenizer.ggml.\(key)", count: count).first
    }
    self.init()
    beginningOfSequence = try token("bos_token_id")
    gap = try metadata.gapTokens(count: count)
    let ends = try metadata.tokens("tokenizer.ggml.eos_token_id", count: count)
    endOfSequence = ends.first
    additionalEnds = Set(ends.dropFirst())
    for key in ["eos_token_ids", "eot_token_id", "eom_token_id"] {
      additionalEnds.formUnion(try metadata.tokens("tokenizer.ggml.\(key)", count: count))
    }
    let begins = "tokenizer.ggml.add_bos_token"
    addsBeginning = try metadata.boolIfPresent(begins) ?? beginsByDefault
    if addsBeginning, beginningOfSequence == nil {
      addsBeginning = false
      if metadata[begins] != nil {
        metadata.notes.warn(
          begins, "prompts are to begin with a token that is not named; they begin without one")
      }
    }
    let separator = try token("seperator_token_id")
    switch closingRule {
    case .closing(let closes):
      if try metadata.boolIfPresent("tokenizer.ggml.add_eos_token") ?? closes {
        guard let endOfSequence else {
          throw ModelError(
            .missing, field: "tokenizer.ggml.eos_token_id",
            "texts are to end with a token that is not named")
        }
        closing = endOfSequence
      } else if try metadata.boolIfPresent("tokenizer.ggml.add_sep_token") ?? false {
        closing = separator
      }
    case .separator:
      beginningOfSequence = try token("cls_token_id") ?? beginningOfSequence
      addsBeginning =
        try metadata.boolIfPresent(begins) ?? true && beginningOfSequence != nil
      let adds = try metadata.boolIfPresent("tokenizer.ggml.add_sep_token") ?? true
      closing = adds ? separator : nil
    }
    separators = separator.map { [$0] } ?? []
    // Where each text ends as a single one does, a separator follows the first; BERT's is both.
    if case .closing = closingRule, let closing, let separator,
      try metadata.strings("tokenizer.ggml.tokens", count: count...count)[Int(separator)] != "[SEP]"
    {
      separators = [closing, separator]
    }
  }
}

extension Metadata {
  fileprivate func merges() throws(ModelError) -> [String] {
    let table = try strings("tokenizer.ggml.merges", count: 0...(1 << 24))
    return (0..<table.count).map { table[$0] }
  }
}

extension ModelError {
  /// Returns what a function makes, with its faults as faults of the file.
  fileprivate static func translating<Made>(
    _ make: () throws(VocabularyError) -> Made
  ) throws(ModelError) -> Made {
    do {
      return try make()
    } catch {
      throw ModelError(error)
    }
  }

  /// A fault of a vocabulary as one of the GGUF file that carries it.
  init(_ error: VocabularyError) {
    self.init(error, field: error.field.metadataKey)
  }

  /// A fault of a vocabulary as one of the file that carries it.
  ///
  /// - Parameter field: Where the file has what is at fault.
  init(_ error: VocabularyError, field: String) {
    let kind: Kind =
      switch error.kind {
      case .unsupported: .unsupported
      case .limit: .limit
      case .invalid: .invalid
      case .duplicate: .duplicate
      case .missing: .missing
      }
    self.init(kind, field: field, error.detail)
  }
}

extension VocabularyField {
  /// The key under which GGUF files keep this part.
  var metadataKey: String {
    switch self {
    case .pieces: "tokenizer.ggml.tokens"
    case .kinds: "tokenizer.ggml.token_type"
    case .scores: "tokenizer.ggml.scores"
    // What only a tokenizer.json has comes here with the kind of the vocabulary.
    case .model, .postProcessor, .decoder, .addedTokens, .rows: "tokenizer.ggml.model"
    case .normalizer: "tokenizer.ggml.precompiled_charsmap"
    case .merges: "tokenizer.ggml.merges"
    case .preTokenizer: "tokenizer.ggml.pre"
    case .beginningOfSequence: "tokenizer.ggml.bos_token_id"
    case .endOfSequence: "tokenizer.ggml.eos_token_id"
    case .additionalEnd: "tokenizer.ggml.eot_token_id"
    }
  }
}
