import ModelFiles
import Tokenizers

extension Vocabulary {
  /// Reads the vocabulary that a folder keeps in `tokenizer.json` and the files beside it.
  init(_ files: TokenizerFiles) throws(ModelError) {
    do {
      try self.init(
        tokenizer: files.tokenizer, configuration: files.configuration, ends: files.ends,
        rows: files.rows)
    } catch {
      throw ModelError(error, field: error.field.document)
    }
  }
}

extension VocabularyField {
  /// Where a folder has this part.
  fileprivate var document: String {
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
}
