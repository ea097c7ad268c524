import GPTModel
import Tokenizers

/// A checked request for the embeddings of texts.
struct EmbeddingRequest {
  /// How vectors are written.
  enum Encoding: String, CaseIterable {
    /// As numbers.
    case float
    /// As the bytes of little-endian float32, in base64.
    case base64
  }

  /// The model, by any of its names.
  let model: String
  /// The texts, at least one.
  let inputs: [TextInput]
  /// How the states of a text become one vector.
  let pooling: Pooling
  /// How vectors are written.
  let encoding: Encoding
  /// Numbers of a vector that are kept; nil for all.
  let dimensions: Int?
  /// What is put in front of each text.
  let beginning: String
  /// How much of each text is kept; nil for all.
  let truncation: PromptTruncation?
  /// How urgent it is, and what it shares.
  let terms: RequestTerms

  /// Reads and checks all fields of a request.
  init(_ fields: FieldReader, model served: ServedModel) throws(APIError) {
    model = try fields.model()
    let name = "input"
    guard
      let inputs = try TextInput.list(
        fields, name, most: RequestLimits.embeddings, vocabularySize: served.vocabularySize)
    else { throw fields.missing(name) }
    guard !inputs.contains(.text("")) else {
      throw fields.invalid(name, "must not have an empty text")
    }
    self.inputs = inputs
    pooling = try fields.choice("pooling") ?? served.pooling
    encoding = try fields.choice("encoding_format") ?? .float
    dimensions = try fields.integer("dimensions", upTo: served.sizes?.vectorWidth ?? .max)
    beginning = try Self.beginning(fields, served)
    truncation = try PromptTruncation(fields)
    terms = try RequestTerms(fields)
  }

  /// The prompt that the request names, or the model's default.
  private static func beginning(
    _ fields: FieldReader, _ served: ServedModel
  ) throws(APIError) -> String {
    guard let name = try fields.string("prompt_name") ?? served.defaultPrompt else { return "" }
    if let prompt = served.prompts[name] { return prompt }
    let known = served.prompts.keys.sorted().joined(separator: ", ")
    throw fields.invalid(
      "prompt_name",
      known.isEmpty ? "is not for this model, which has no prompts" : "must be one of \(known)")
  }

  /// The tokens of a text after its prompt, cut at the end where the request allows it.
  func tokens(of input: TextInput, _ service: any GenerationService) -> [Token] {
    let tokens: [Token]
    switch input {
    case .tokens(let given): tokens = given
    case .text(let text):
      let read = service.textTokens(of: beginning + text)
      tokens = read.isEmpty ? service.model.documentStart.map { [$0] } ?? [] : read
    }
    let most: Int
    switch truncation {
    case nil: return tokens
    case .tokens(let count)?: most = count
    case .fitting?: most = service.model.contextLength
    }
    guard tokens.count > most else { return tokens }
    guard let closing = service.model.closing, tokens.last == closing else {
      return Array(tokens.prefix(most))
    }
    return tokens.prefix(most - 1) + [closing]
  }

  /// One request to the engine for each text, on the account of a client.
  func requests(prompts: [[Token]], contextLength: Int, client: String) throws(APIError)
    -> [GenerationRequest]
  {
    var requests: [GenerationRequest] = []
    for (index, prompt) in prompts.enumerated() {
      let name = prompts.count > 1 ? "input[\(index)]" : "input"
      guard !prompt.isEmpty else { throw .invalid(name, "\(name) has no tokens") }
      guard prompt.count <= contextLength else {
        throw .tooLong(name, tokens: prompt.count, most: contextLength)
      }
      var request = GenerationRequest(embedding: prompt, pooling: pooling)
      request.terms = terms
      request.terms.client = client
      requests.append(request)
    }
    return requests
  }
}

extension FieldReader {
  /// One of several words.
  fileprivate func choice<Word: RawRepresentable<String> & CaseIterable>(
    _ name: String
  ) throws(APIError) -> Word? {
    guard let text = try string(name) else { return nil }
    guard let word = Word(rawValue: text) else {
      throw mismatch(name, Word.allCases.map(\.rawValue).joined(separator: " or "))
    }
    return word
  }
}
