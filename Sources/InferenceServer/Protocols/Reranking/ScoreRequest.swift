import GPTModel
import JSON
import Tokenizers

/// A checked request for how well texts answer others.
struct ScoreRequest {
  /// A question and a text that may answer it.
  struct Pair {
    /// The question.
    let query: String
    /// The text.
    let document: String
    /// What the text is called in errors.
    let name: String
  }

  /// The model, by any of its names.
  let model: String
  /// The pairs, at least one.
  let pairs: [Pair]
  /// What makes an answer; nil for what is usual.
  let instruction: String?
  /// Tokens of a document that are kept; nil for all.
  let documentTokens: Int?
  /// How much of a pair is kept; nil for all.
  let truncation: PromptTruncation?
  /// How urgent it is, and what it shares.
  let terms: RequestTerms

  /// Reads what requests for scores have in common.
  init(_ fields: FieldReader, pairs: [Pair]) throws(APIError) {
    model = try fields.model()
    self.pairs = pairs
    instruction = try fields.string("instruction")
    documentTokens = try fields.integer("max_tokens_per_doc")
    truncation = try PromptTruncation(fields)
    terms = try RequestTerms(fields)
  }

  /// One request to the engine for each pair, on the account of a client.
  func requests(of service: any GenerationService, client: String) throws(APIError)
    -> [GenerationRequest]
  {
    let context = service.model.contextLength
    var limit = TextPairLimit()
    limit.documentTokens = documentTokens
    switch truncation {
    case .tokens(let count)?: limit.tokens = count
    case .fitting?: limit.tokens = context
    case nil: break
    }
    var requests: [GenerationRequest] = []
    for pair in pairs {
      let tokens = service.pair(pair.query, pair.document, instruction: instruction, limit: limit)
      guard !tokens.tokens.isEmpty else {
        throw .invalid(pair.name, "\(pair.name) has no tokens")
      }
      guard tokens.tokens.count <= context else {
        throw .tooLong(pair.name, tokens: tokens.tokens.count, most: context)
      }
      var request = GenerationRequest(scoring: tokens, pooling: service.model.pooling)
      request.terms = terms
      request.terms.client = client
      requests.append(request)
    }
    return requests
  }
}

extension ScoreRequest {
  /// Reads a request for scores of pairs: one question for all texts, or one for each.
  init(score fields: FieldReader) throws(APIError) {
    let queries = try Self.texts(fields, "text_1")
    let documents = try Self.texts(fields, "text_2")
    guard queries.count == 1 || queries.count == documents.count else {
      throw fields.invalid(
        "text_1",
        "must have one text, or as many as text_2, which has \(documents.count), not \(queries.count)"
      )
    }
    let pairs = documents.enumerated().map { index, document in
      Pair(
        query: queries.count == 1 ? queries[0] : queries[index], document: document,
        name: documents.count > 1 ? "text_2[\(index)]" : "text_2")
    }
    try self.init(fields, pairs: pairs)
  }

  /// A text, or an array of texts, of which there is at least one.
  private static func texts(_ fields: FieldReader, _ name: String) throws(APIError) -> [String] {
    guard let value = fields.value(name) else { throw fields.missing(name) }
    guard case .array(let elements) = value else {
      return [try text(value, fields, name)]
    }
    return try fields.texts(elements, name, of: text)
  }

  private static func text(
    _ value: JSONValue, _ fields: FieldReader, _ name: String
  ) throws(APIError) -> String {
    guard case .string(let text) = value else { throw fields.mismatch(name, "a string") }
    return text
  }
}

extension FieldReader {
  /// The texts of an array, of which there must be one, and must not be too many.
  func texts(
    _ elements: [JSONValue], _ name: String,
    of read: (JSONValue, FieldReader, String) throws(APIError) -> String
  ) throws(APIError) -> [String] {
    guard !elements.isEmpty else { throw invalid(name, "must not be empty") }
    guard elements.count <= RequestLimits.documents else {
      throw invalid(
        name, "may have at most \(RequestLimits.documents) texts, not \(elements.count)")
    }
    var texts: [String] = []
    for (index, element) in elements.enumerated() {
      texts.append(try read(element, self, "\(name)[\(index)]"))
    }
    return texts
  }
}
