import Tokenizers

/// The state of one request while it runs; only the engine's thread touches it after it was submitted.
///
/// `@unchecked Sendable`: it crosses from the caller to the engine's thread once, through the mailbox.
final class Generation: @unchecked Sendable {
  /// What a newly chosen token means for the generation.
  private enum Outcome {
    case goesOn
    case ends(GenerationSummary.Reason)
  }

  let id: SequenceID
  let request: GenerationRequest
  /// Tokens of the prompt that were not computed again.
  var cachedTokens = 0
  /// How far it has come, as last reported.
  var phase = GenerationPhase.queued
  /// When what happened.
  var milestones = Milestones()
  /// How it ended; who ends it without a word has left.
  private(set) var ending = GenerationEnding.abort
  /// Whether what was computed for it is finite.
  private(set) var isSound = true
  private var generated = 0
  /// Tokens of the answer that were there before.
  private let answered: Int
  private let maximumTokens: Int
  private let tokenizer: Tokenizer
  private let endTokens: Set<Token>
  private var counts: TokenCounts
  private var detokenizer: Detokenizer
  private var stopStrings: StopStringMatcher
  /// What is wanted of the prompt; nil when nothing is, or all was reported.
  private var inquiry: PromptInquiry?
  /// The report on the token that ended the answer.
  private var endLogprobs: TokenLogprobs?
  private let continuation: AsyncThrowingStream<GenerationEvent, any Error>.Continuation

  /// Creates the state of a request that was checked against the model.
  init(
    id: SequenceID, request: GenerationRequest, context: Int, tokenizer: Tokenizer,
    continuation: AsyncThrowingStream<GenerationEvent, any Error>.Continuation
  ) {
    self.id = id
    self.request = request
    self.tokenizer = tokenizer
    self.continuation = continuation
    answered = request.answered
    let room = context - request.prompt.count + answered
    maximumTokens = min(request.stop.maximumTokens ?? room, room)
    let ends = request.stop.atEndOfSequence ? tokenizer.endsOfSequence : []
    endTokens = ends.union(request.stop.tokens)
    counts = TokenCounts(
      prompt: request.sampling.needsCounts ? request.prompt.dropLast(answered) : [])
    detokenizer = Detokenizer(
      tokenizer, showsControlTokens: request.showsControlTokens,
      after: request.prompt.dropLast(answered).last)
    stopStrings = StopStringMatcher(request.stop.strings)
    inquiry = PromptInquiry(request)
    for token in request.prompt.suffix(answered) { take(token) }
  }

  /// Takes a token of the answer that was there before: what it means for those to come.
  private func take(_ token: Token) {
    if request.sampling.needsCounts { counts.record(token) }
    if case .stopped = stopStrings.append(detokenizer.append(token)) {
      // It was no reason to stop then.
      stopStrings = StopStringMatcher(request.stop.strings)
    }
  }

  /// Chooses the next token and reports it.
  ///
  /// - Parameter logits: The logits of the last known position, [V].
  /// - Returns: The token, to be computed next; nil when the generation ended.
  func advance(logits: UnsafeBufferPointer<Float>, sampler: inout Sampler) -> Token? {
    guard choosesTokens else {
      conclude(isFinite: logits.allSatisfy { $0 < .infinity })
      return nil
    }
    reportPrompt()
    let banned = answered + generated < request.stop.minimumTokens ? Array(endTokens) : []
    // Made inside the call, so that nothing shares the counts when the token is recorded.
    let chosen = sampler.choose(
      from: logits, parameters: request.sampling,
      context: SamplingContext(
        choice: request.choice, position: request.prompt.count + generated, counts: counts,
        banned: banned))
    guard let token = chosen else {
      isSound = false
      fail(.notFinite)
      return nil
    }
    let logprobs = request.alternatives.map {
      sampler.logprobs(of: token, in: logits, alternatives: $0)
    }
    generated += 1
    if request.sampling.needsCounts { counts.record(token) }
    endLogprobs = endTokens.contains(token) ? logprobs : nil
    switch report(token, logprobs: logprobs) {
    case .goesOn: return token
    case .ends(let reason):
      finish(reason, endToken: endTokens.contains(token) ? token : nil)
      return nil
    }
  }

  /// Ends the generation with an error.
  func fail(_ error: EngineError) {
    ending = .error
    continuation.finish(throwing: error)
  }

  private func report(_ token: Token, logprobs: TokenLogprobs?) -> Outcome {
    if endTokens.contains(token) { return .ends(.stop) }
    switch stopStrings.append(detokenizer.append(token)) {
    case .text(let text):
      yield(token, text: text, logprobs: logprobs)
      return answered + generated >= maximumTokens ? .ends(.length) : .goesOn
    case .stopped(let text, let string):
      let shown = request.stop.showsString ? text + string : text
      yield(token, text: shown, logprobs: logprobs)
      return .ends(.stopString(string))
    }
  }

  private func yield(_ token: Token, text: String, logprobs: TokenLogprobs?) {
    continuation.yield(.token(GeneratedToken(token: token, text: text, logprobs: logprobs)))
  }

  private func finish(_ reason: GenerationSummary.Reason, endToken: Token?) {
    var (reason, text) = (reason, "")
    var shown = ""
    if request.stop.showsString, let endToken { shown = detokenizer.append(endToken) }
    if case .stopString = reason {
    } else {
      switch stopStrings.append(shown + detokenizer.finish()) {
      case .text(let rest): text = rest + stopStrings.finish()
      case .stopped(let rest, let string):
        text = request.stop.showsString ? rest + string : rest
        reason = .stopString(string)
      }
    }
    ending = reason == .length ? .length : .stop
    var summary = GenerationSummary(
      reason: reason, text: text, usage: usage, times: milestones.times)
    summary.endToken = endToken
    summary.endLogprobs = endLogprobs
    continuation.yield(.finished(summary))
    continuation.finish()
  }

  /// What was processed so far.
  var usage: Usage {
    Usage(
      promptTokens: request.prompt.count, cachedTokens: cachedTokens, completionTokens: generated)
  }
}

// MARK: - The prompt

extension Generation {
  /// Whether there is an answer, or the prompt is all that is to be computed.
  var choosesTokens: Bool { maximumTokens > 0 }
  /// Whether the logits of positions of the prompt are wanted.
  var wantsPromptLogits: Bool { inquiry?.wantsLogits ?? false }
  /// Whether the states of positions of the prompt are wanted.
  var wantsPromptStates: Bool { inquiry?.wantsStates ?? false }

  /// Takes the logits of a position of the prompt, [V].
  func take(logits: UnsafeBufferPointer<Float>, at position: Int, sampler: inout Sampler) {
    inquiry?.take(logits: logits, at: position, sampler: &sampler)
  }

  /// Takes the state of a position of the prompt, [W].
  func take(state: UnsafeBufferPointer<Float>, at position: Int) {
    inquiry?.take(state: state, at: position)
  }

  /// Ends a generation that chooses no token, once its prompt was computed.
  func conclude(isFinite: Bool) {
    isSound = isFinite
    guard isFinite else { return fail(.notFinite) }
    reportPrompt()
    finish(.length, endToken: nil)
  }

  private func reportPrompt() {
    if let inquiry { continuation.yield(.prompt(inquiry.report)) }
    inquiry = nil
  }
}
