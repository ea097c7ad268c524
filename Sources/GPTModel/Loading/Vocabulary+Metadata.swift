import ModelFiles
import Tokenizers

extension Tokenizer {
  /// Reads the tokenizer that a model's files describe.
  init(_ files: VocabularyFiles) throws(ModelError) {
    let vocabulary: Vocabulary
    switch files {
    case .gguf(let metadata): vocabulary = try Vocabulary(metadata)
    case .folder(let files): vocabulary = try Vocabulary(files)
    }
    self = try ModelError.translating { () throws(VocabularyError) in try Tokenizer(vocabulary) }
  }
}

extension Vocabulary {
  /// Reads the vocabulary that a model file carries under `tokenizer.ggml`.
  init(_ metadata: Metadata) throws(ModelError) {
    let model = try metadata.string("tokenizer.ggml.model", atMost: 64)
    let table = try metadata.strings("tokenizer.ggml.tokens", count: 1...(1 << 24))
    let count = table.count
    let pieces = (0..<count).map { table[$0] }
    let kinds =
      (try metadata.integersIfPresent("tokenizer.ggml.token_type", count: count...count, in: 1...6)
      ?? Array(repeating: 1, count: count)).map(TokenKind.init(fileValue:))
    switch model {
    case "gpt2": self = try .byteLevel(metadata, pieces, kinds)
    case "llama": self = try .sentencePiece(metadata, pieces, kinds)
    case "gemma4":
      let merges = try metadata.merges()
      let marks = try SequenceMarks(metadata, count: count, beginsByDefault: true)
      self = try ModelError.translating { () throws(VocabularyError) in
        try Vocabulary(characters: pieces, kinds: kinds, merges: merges, marks: marks)
      }
    default:
      throw ModelError(
        .unsupported, field: "tokenizer.ggml.model",
        "'\(model)' is not supported; 'gpt2', 'llama' and 'gemma4' are")
    }
  }

  private static func byteLevel(
    _ metadata: Metadata, _ pieces: [String], _ kinds: [TokenKind]
  ) throws(ModelError) -> Vocabulary {
    let merges = try metadata.merges()
    let preTokenizer = try metadata.stringIfPresent("tokenizer.ggml.pre", atMost: 64) ?? "gpt-2"
    let marks = try SequenceMarks(
      metadata, count: pieces.count,
      beginsByDefault: TextSplitters.named(preTokenizer)?.beginsSequences ?? false)
    return try ModelError.translating { () throws(VocabularyError) in
      try Vocabulary(
        pieces: pieces, kinds: kinds, merges: merges, preTokenizer: preTokenizer, marks: marks)
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

extension SequenceMarks {
  /// Reads the marks that a model file carries under `tokenizer.ggml`.
  fileprivate init(
    _ metadata: Metadata, count: Int, beginsByDefault: Bool
  ) throws(ModelError) {
    func token(_ key: String) throws(ModelError) -> Token? {
      try metadata.integerIfPresent("tokenizer.ggml.\(key)", in: 0...(count - 1))
        .map { Token(clamping: $0) }
    }
    self.init()
    beginningOfSequence = try token("bos_token_id")
    endOfSequence = try token("eos_token_id")
    additionalEnds = Set(
      [try token("eot_token_id"), try token("eom_token_id")].compactMap { $0 })
    addsBeginning =
      try metadata.boolIfPresent("tokenizer.ggml.add_bos_token")
      ?? (beginsByDefault && beginningOfSequence != nil)
    if try metadata.boolIfPresent("tokenizer.ggml.add_eos_token") ?? false {
      guard let endOfSequence else {
        throw ModelError(
          .missing, field: "tokenizer.ggml.eos_token_id",
          "texts are to end with a token that is not named")
      }
      closing = endOfSequence
    }
  }
}

extension Metadata {
  fileprivate func merges() throws(ModelError) -> [String] {
    let table = try strings("tokenizer.ggml.merges", count: 0...(1 << 24))
    return (0..<table.count).map { table[$0] }
  }
}

extension TokenKind {
  /// The kind that a model file gives by number, 1 ... 6.
  fileprivate init(fileValue: Int) {
    let kinds: [TokenKind] = [.normal, .unknown, .control, .userDefined, .unused, .byte]
    self = kinds.indices.contains(fileValue - 1) ? kinds[fileValue - 1] : .normal
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
  fileprivate var metadataKey: String {
    switch self {
    case .pieces: "tokenizer.ggml.tokens"
    case .kinds: "tokenizer.ggml.token_type"
    case .scores: "tokenizer.ggml.scores"
    // What only a tokenizer.json has comes here with the kind of the vocabulary.
    case .model, .normalizer, .postProcessor, .decoder, .addedTokens, .rows: "tokenizer.ggml.model"
    case .merges: "tokenizer.ggml.merges"
    case .preTokenizer: "tokenizer.ggml.pre"
    case .beginningOfSequence: "tokenizer.ggml.bos_token_id"
    case .endOfSequence: "tokenizer.ggml.eos_token_id"
    case .additionalEnd: "tokenizer.ggml.eot_token_id"
    }
  }
}
