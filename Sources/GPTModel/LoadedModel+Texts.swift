import ModelFiles
import Tensor
public import Tokenizers

/// Two texts as a model reads them to judge how well the second answers the first.
public struct TextPair: Sendable, Hashable {
  /// The tokens.
  public let tokens: [Token]
  /// Where the second text begins, for models that tell the two apart by it.
  public let secondText: Int?

  /// Creates a pair.
  public init(tokens: [Token], secondText: Int? = nil) {
    self.tokens = tokens
    self.secondText = secondText
  }
}

/// Where documents are cut that are judged with a query.
public struct TextPairLimit: Sendable, Hashable {
  /// Tokens of a document that are kept, from its beginning; nil for all.
  public var documentTokens: Int?
  /// Tokens of query and document together, for which the document is cut further; nil for any.
  public var tokens: Int?

  /// Creates a limit that cuts nothing.
  public init() {}
}

extension Tokenizer {
  /// Two texts as they are judged together, the second as tokens.
  fileprivate func pair(_ first: String, _ second: ArraySlice<Token>) -> TextPair {
    let end = closing.map { [$0] } ?? []
    let before = encodePair(first, "").dropLast(end.count)
    return TextPair(tokens: before + second + end, secondText: before.count)
  }
}

extension LoadedModel {
  /// What may be put in front of texts whose vectors are wanted, by name, as the files say.
  public var prompts: [String: String] { modules.prompts }

  /// The name of the prompt that is put in front where none is named; nil for none.
  public var defaultPrompt: String? { modules.defaultPrompt }

  /// The tokens of a text whose vector is wanted: with what begins and closes texts.
  public func textTokens(of text: String) -> [Token] {
    tokenizer.encode([PromptSegment(text, from: .content)], addsClosing: true)
  }

  /// The tokens of a question and of a document that may answer it.
  ///
  /// - Parameters:
  ///   - query: The question.
  ///   - document: The document.
  ///   - instruction: What makes an answer, for models that are told; nil for what is usual.
  ///   - limit: Where documents are cut.
  public func pair(
    query: String, document: String, instruction: String? = nil,
    limit: TextPairLimit = TextPairLimit()
  ) -> TextPair {
    let tokens = tokenizer.encode(document)
    func pair(_ count: Int) -> TextPair {
      guard let layout = spec.pooled.score?.layout else {
        return tokenizer.pair(query, tokens.prefix(count))
      }
      let kept =
        count < tokens.count
        ? String(decoding: tokens.prefix(count).flatMap(tokenizer.bytes(of:)), as: UTF8.self)
        : document
      return TextPair(
        tokens: tokenizer.encode(
          layout.segments(query: query, document: kept, instruction: instruction)))
    }
    let count = min(tokens.count, limit.documentTokens ?? .max)
    let whole = pair(count)
    guard let most = limit.tokens, whole.tokens.count > most else { return whole }
    return pair(max(0, count - (whole.tokens.count - most)))
  }

  /// Puts together what makes vectors and scores of pooled states.
  func makePooledHead(compute: Compute) throws -> PooledHead {
    var words: [Int] = []
    for word in spec.pooled.score?.words ?? [] {
      let tokens = tokenizer.encode(word)
      guard tokens.count == 1 else {
        throw ModelError(
          .missing, field: "tokenizer", "a reranker's answer \(word.debugDescription) is no token")
      }
      words += tokens.map { Int($0) }
    }
    return try makePooledHead(words: words, compute: compute)
  }
}

extension GenerationRequest {
  /// Creates a request that chooses no token, and reports how well the second of two texts answers the
  /// first.
  public init(scoring pair: TextPair, pooling: Pooling) {
    self.init(embedding: pair.tokens, pooling: pooling)
    isScored = true
    secondText = pair.secondText
  }
}

extension Engine {
  /// Computes the vector of a text's tokens, of length one unless the model has it otherwise.
  ///
  /// - Parameters:
  ///   - prompt: The tokens.
  ///   - pooling: How the states become one; nil for the model's own way.
  ///   - terms: On whose account the request runs.
  /// - Throws: An `EngineError` when the engine refuses, `CancellationError` when the task is cancelled.
  public func embed(
    _ prompt: [Token], pooling: Pooling? = nil, terms: RequestTerms = RequestTerms()
  ) async throws -> [Float] {
    var request = GenerationRequest(embedding: prompt, pooling: pooling ?? model.pooling)
    request.terms = terms
    return try await report(on: request).embedding
  }

  /// Computes the vector of a text, as the model was made to read texts.
  ///
  /// ```swift
  /// let vector = try await engine.embed("How many ships are there?", prompt: "query")
  /// ```
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - prompt: The name of what is put in front of it, one of the model's `prompts`; nil for the model's
  ///     default.
  ///   - terms: On whose account the request runs.
  /// - Throws: A `ModelError` when there is no such prompt, an `EngineError` when the engine refuses,
  ///   `CancellationError` when the task is cancelled.
  public func embed(
    _ text: String, prompt: String? = nil, terms: RequestTerms = RequestTerms()
  ) async throws -> [Float] {
    var beginning = ""
    if let name = prompt ?? model.defaultPrompt {
      guard let known = model.prompts[name] else {
        throw ModelError(
          .missing, field: "prompts", "there is no prompt \(name.prefix(80).debugDescription)")
      }
      beginning = known
    }
    return try await embed(model.textTokens(of: beginning + text), terms: terms)
  }

  /// Computes how well a document answers a query, the higher the better.
  ///
  /// - Throws: An `EngineError` when the engine refuses, `CancellationError` when the task is cancelled.
  public func score(
    query: String, document: String, terms: RequestTerms = RequestTerms()
  ) async throws -> Float {
    let pair = model.pair(query: query, document: document)
    var request = GenerationRequest(scoring: pair, pooling: model.pooling)
    request.terms = terms
    guard let score = try await report(on: request).score else { throw CancellationError() }
    return score
  }

  private func report(on request: GenerationRequest) async throws -> PromptReport {
    for try await event in try generate(request) {
      if case .prompt(let report) = event { return report }
    }
    throw CancellationError()
  }
}
