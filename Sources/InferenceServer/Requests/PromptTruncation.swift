import Tokenizers

/// How much of a prompt is kept where a request allows it to be cut; what goes is its beginning.
enum PromptTruncation: Hashable {
  /// As many tokens as given.
  case tokens(Int)
  /// As many as leave room for the answer.
  case fitting

  /// Reads `truncate_prompt_tokens`, where -1 is what fits; nil where nothing may be cut.
  init?(_ fields: FieldReader) throws(APIError) {
    let name = "truncate_prompt_tokens"
    switch try fields.integer(name) {
    case nil: return nil
    case 0: throw fields.invalid(name, "must be -1 or at least 1")
    case -1: self = .fitting
    case let count?: self = .tokens(count)
    }
  }

  /// The end of a prompt.
  ///
  /// - Parameters:
  ///   - context: Positions there are, C.
  ///   - answer: Tokens that the answer may have at most, where the request limits them.
  func apply(to prompt: [Token], context: Int, answer: Int?) -> [Token] {
    switch self {
    case .tokens(let count): prompt.suffix(count)
    case .fitting: prompt.suffix(max(1, context - min(answer ?? 1, context)))
    }
  }
}
