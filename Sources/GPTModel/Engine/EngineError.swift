import Tokenizers

/// Why a request was refused or ended without a result.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum EngineError: Error, Sendable, Hashable {
  /// The prompt is empty.
  case emptyPrompt
  /// A token of the prompt is not in the vocabulary.
  case unknownToken(Token)
  /// The prompt leaves no room in the context.
  case promptTooLong(tokens: Int, context: Int)
  /// The answer that is to be continued has as many tokens as it may, or the prompt is all answer.
  case nothingToContinue(answered: Int)
  /// The text is too short to be measured.
  case textTooShort(tokens: Int, needed: Int)
  /// The queue is at its limit; worth trying again later.
  case queueFull(limit: Int)
  /// The requests that wait have as many tokens as they may; worth trying again later.
  case tokensQueued(limit: Int)
  /// The client has as many requests as it may; worth trying again when one ends.
  case tooManyForClient(limit: Int)
  /// The request was not started within the time it was ready to wait.
  case waitedTooLong
  /// The engine is ending: it takes no new requests, or did not wait for this one to end.
  case shuttingDown
  /// The events of the generation were read before, or nobody wanted to read them any more.
  case streamEnded
  /// The logits of this sequence were not finite.
  case notFinite
  /// The constraint, the bias and the tokens to generate at least leave no token to choose.
  case noTokenAllowed
  /// The engine has no adapter of the name.
  case unknownAdapter(String)
  /// The model is not made for what is asked of it.
  case taskNotSupported(ModelTask)
  /// The prompt has attachments, and the engine has no encoder for them.
  case attachmentsNotSupported
  /// An attachment is nothing that the encoder can encode.
  case invalidAttachment(AttachmentError)
  /// An attachment takes another number of rows than it has placeholders.
  case attachmentRows(rows: Int, placeholders: Int)
  /// An attachment takes more rows than the engine keeps of all together.
  case attachmentTooLarge(rows: Int, limit: Int)
  /// The encoder could not encode an attachment.
  case attachmentNotEncoded(AttachmentError)
}

extension EngineError: CustomStringConvertible {
  /// One sentence, with the figures that matter and what to do.
  public var description: String {
    switch self {
    case .emptyPrompt: "the prompt is empty; give at least one token"
    case .unknownToken(let token): "there is no token \(token) in the model's vocabulary"
    case .promptTooLong(let tokens, let context):
      "the prompt has \(tokens) tokens but the context holds \(context), one of them for the answer;"
        + " shorten it"
    case .nothingToContinue(let answered):
      "the answer has \(answered) tokens already, which leaves none to choose; raise its limit"
    case .textTooShort(let tokens, let needed):
      "the text has \(tokens) tokens; at least \(needed) are needed"
    case .queueFull(let limit): "\(limit) requests are waiting already; try again later"
    case .tokensQueued(let limit):
      "the requests that wait have \(limit) tokens already; try again later"
    case .tooManyForClient(let limit):
      "this client has \(limit) requests at a time already; wait for one to end"
    case .waitedTooLong: "the request was not started in the time it was ready to wait"
    case .shuttingDown: "the engine is shutting down"
    case .streamEnded: "the events of this generation were read or left before"
    case .notFinite: "the model computed values that are not finite numbers"
    case .noTokenAllowed:
      "no token is allowed next by the constraint, the biases and the minimum of tokens together"
    case .unknownAdapter(let name): "the engine has no adapter named \"\(name.prefix(64))\""
    case .taskNotSupported(let task): task.refusal
    case .attachmentsNotSupported, .invalidAttachment, .attachmentRows, .attachmentTooLarge,
      .attachmentNotEncoded:
      attachmentDescription
    }
  }

  private var attachmentDescription: String {
    switch self {
    case .invalidAttachment(let error): "an attachment cannot be read: \(error)"
    case .attachmentRows(let rows, let placeholders):
      "an attachment takes \(rows) positions, and the prompt has \(placeholders) for it"
    case .attachmentTooLarge(let rows, let limit):
      "an attachment takes \(rows) positions, and may take \(limit); make it smaller"
    case .attachmentNotEncoded(let error): "an attachment could not be encoded: \(error)"
    default: "the model reads text only; send no attachments"
    }
  }
}

extension EngineError {
  /// What a ledger's refusal is to the caller.
  init(_ refusal: RequestLedger.Refusal) {
    self =
      switch refusal {
      case .queueFull(let limit): .queueFull(limit: limit)
      case .tokensQueued(let limit): .tokensQueued(limit: limit)
      case .clientLimit(let limit): .tooManyForClient(limit: limit)
      }
  }
}

extension Tokenizer {
  /// Throws for the first token that is not in the vocabulary.
  package func checkKnown(_ tokens: [Token]) throws(EngineError) {
    let vocabulary = 0..<Token(clamping: count)
    if let stranger = tokens.first(where: { !vocabulary.contains($0) }) {
      throw .unknownToken(stranger)
    }
  }
}
