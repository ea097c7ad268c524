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
    do {
      try self.init(vocabulary)
    } catch {
      throw ModelError(error)
    }
  }
}

extension Vocabulary {
  /// Reads the vocabulary that a model file carries under `tokenizer.ggml`.
  init(_ metadata: Metadata) throws(ModelError) {
    let kind = try metadata.string("tokenizer.ggml.model", atMost: 64)
    guard kind == "gpt2" else {
      throw ModelError(
        .unsupported, field: "tokenizer.ggml.model",
        "'\(kind)' is not supported; byte-level BPE ('gpt2') is")
    }
    let pieces = try metadata.strings("tokenizer.ggml.tokens", count: 1...(1 << 24))
    let count = pieces.count
    let kinds =
      try metadata.integersIfPresent(
        "tokenizer.ggml.token_type", count: count...count, in: 1...6)
      ?? Array(repeating: 1, count: count)
    let merges = try metadata.strings("tokenizer.ggml.merges", count: 0...(1 << 24))
    func token(_ key: String) throws(ModelError) -> Token? {
      try metadata.integerIfPresent("tokenizer.ggml.\(key)", in: 0...(count - 1))
        .map { Token(clamping: $0) }
    }
    let ends = [try token("eot_token_id"), try token("eom_token_id")].compactMap { $0 }
    let preTokenizer = try metadata.stringIfPresent("tokenizer.ggml.pre", atMost: 64)
    let beginningOfSequence = try token("bos_token_id")
    let endOfSequence = try token("eos_token_id")
    let addsBeginning = try metadata.boolIfPresent("tokenizer.ggml.add_bos_token")
    do {
      try self.init(
        pieces: (0..<count).map { pieces[$0] }, kinds: kinds.map(TokenKind.init(fileValue:)),
        merges: (0..<merges.count).map { merges[$0] }, preTokenizer: preTokenizer ?? "gpt-2",
        beginningOfSequence: beginningOfSequence, endOfSequence: endOfSequence,
        additionalEnds: Set(ends), addsBeginningOfSequence: addsBeginning ?? false)
    } catch {
      throw ModelError(error)
    }
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
  /// A fault of a vocabulary as one of the file that carries it.
  init(_ error: VocabularyError) {
    let kind: Kind =
      switch error.kind {
      case .unsupported: .unsupported
      case .limit: .limit
      case .invalid: .invalid
      case .duplicate: .duplicate
      case .missing: .missing
      }
    self.init(kind, field: error.field.metadataKey, error.detail)
  }
}

extension VocabularyField {
  /// The key under which GGUF files keep this part.
  fileprivate var metadataKey: String {
    switch self {
    case .pieces: "tokenizer.ggml.tokens"
    case .kinds: "tokenizer.ggml.token_type"
    case .merges: "tokenizer.ggml.merges"
    case .preTokenizer: "tokenizer.ggml.pre"
    case .beginningOfSequence: "tokenizer.ggml.bos_token_id"
    case .endOfSequence: "tokenizer.ggml.eos_token_id"
    case .additionalEnd: "tokenizer.ggml.eot_token_id"
    }
  }
}
