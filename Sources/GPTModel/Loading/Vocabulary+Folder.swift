import ModelFiles
import Tokenizers

extension Vocabulary {
  /// Reads the vocabulary that a folder keeps in `tokenizer.json` and the files beside it, or in
  /// another file where it has none.
  init(_ files: TokenizerFiles) throws(ModelError) {
    let file: String
    do {
      switch files.tokenizer {
      case .tokenizer(let document):
        file = "tokenizer.json"
        try self.init(
          tokenizer: document, configuration: files.configuration, ends: files.ends,
          rows: files.rows)
      case .tekken(let document):
        file = "tekken.json"
        try self.init(tekken: document, ends: files.ends, rows: files.rows)
      case .model(let bytes, let name):
        file = name
        try self.init(
          tokenizerModel: bytes, configuration: files.configuration, ends: files.ends,
          rows: files.rows)
      }
    } catch {
      let isJSON = if case .tokenizer = files.tokenizer { true } else { false }
      throw ModelError(error, field: isJSON ? error.field.document : error.field.place(in: file))
    }
  }
}

extension VocabularyField {
  /// Where a folder has this part.
  var document: String {
    switch self {
    case .pieces, .kinds: "tokenizer.json: model.vocab"
    case .merges: "tokenizer.json: model.merges"
    case .model, .scores: "tokenizer.json: model"
    case .addedTokens: "tokenizer.json: added_tokens"
    case .normalizer: "tokenizer.json: normalizer"
    case .preTokenizer: "tokenizer.json: pre_tokenizer"
    case .postProcessor: "tokenizer.json: post_processor"
    case .decoder: "tokenizer.json: decoder"
    case .rows: "config.json: vocab_size"
    case .beginningOfSequence: "tokenizer_config.json: bos_token"
    case .endOfSequence: "tokenizer_config.json: eos_token"
    case .additionalEnd: "generation_config.json: eos_token_id"
    }
  }

  /// Where a folder without `tokenizer.json` has this part.
  fileprivate func place(in file: String) -> String {
    switch self {
    case .rows, .beginningOfSequence, .endOfSequence, .additionalEnd: document
    case .addedTokens: "tokenizer_config.json: added_tokens_decoder"
    case .pieces, .kinds, .merges, .scores, .model, .normalizer, .preTokenizer, .postProcessor,
      .decoder:
      file
    }
  }
}
