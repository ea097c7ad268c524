/// Why a request was refused or ended without a result.
public enum EngineError: Error, Sendable, Hashable {
  /// The prompt is empty.
  case emptyPrompt
  /// A token of the prompt is not in the vocabulary.
  case unknownToken(Token)
  /// The prompt leaves no room in the context.
  case promptTooLong(tokens: Int, context: Int)
  /// The queue is at its limit; worth trying again later.
  case queueFull(limit: Int)
  /// The engine is ending and takes no new requests.
  case shuttingDown
  /// The logits of this sequence were not finite.
  case notFinite
}
