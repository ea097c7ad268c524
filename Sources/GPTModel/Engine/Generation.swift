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

  /// Its identity, which the mailbox gives it when it is taken.
  var id = SequenceID(.max)
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
  /// Tokens chosen.
  private(set) var generated = 0
  /// Tokens of the answer that were there before.
  private let answered: Int
  private let maximumTokens: Int
  private let tokenizer: Tokenizer
  private let endTokens: Set<Token>
  private var counts: TokenCounts
  private var detokenizer: Detokenizer
  private var stopStrings: StopStringMatcher
  /// Where the answer is in its constraint; nil where it has none.
  private var constraint: ConstraintFollower?
  /// The rules of the request's own; nil for none.
  private let processing: LogitProcessing?
  /// What is gathered about the prompt; none when nothing is wanted, or all was reported.
  private var consumers: [any RowConsumer]
  /// The report on the token that ended the answer.
  private var endLogprobs: TokenLogprobs?
  private let continuation: AsyncThrowingStream<GenerationEvent, any Error>.Continuation

  /// Creates the state of a request that was checked against the model.
  ///
  /// - Parameters:
  ///   - maximumTokens: Tokens that the answer may have, the request's `answerLimit`.
  ///   - head: Makes vectors and scores of what is pooled.
  init(
    request: GenerationRequest, maximumTokens: Int, tokenizer: Tokenizer, head: PooledHead,
    continuation: AsyncThrowingStream<GenerationEvent, any Error>.Continuation
  ) {
    self.request = request
    self.maximumTokens = maximumTokens
    self.tokenizer = tokenizer
    self.continuation = continuation
    answered = request.answered
    let ends = request.stop.atEndOfSequence ? tokenizer.endsOfSequence : []
    endTokens = ends.union(request.stop.tokens)
    counts = TokenCounts(
      prompt: request.sampling.needsCounts ? request.prompt.tokens.dropLast(answered) : [])
    detokenizer = Detokenizer(
      tokenizer, showsControlTokens: request.showsControlTokens,
      after: request.prompt.tokens.dropLast(answered).last)
    stopStrings = StopStringMatcher(request.stop.strings)
    processing = LogitProcessing(request.processors, after: request.prompt.tokens)
    let gathered: [(any RowConsumer)?] = [
      PromptLogprobs(request), PooledStates(request, head: head),
    ]
    consumers = gathered.compactMap { $0 }
    let constraintEnds = ConstraintFollower.Ends(
      tokens: tokenizer.endsOfSequence.union(request.stop.tokens),
      areLast: !request.stop.atEndOfSequence)
    constraint = request.constraint.map {
      ConstraintFollower($0, ends: constraintEnds, vocabularySize: tokenizer.count)
    }
    for token in request.prompt.tokens.suffix(answered) { take(token) }
    prepareMask()
  }

  /// Takes a token of the answer that was there before: what it means for those to come.
  private func take(_ token: Token) {
    if request.sampling.needsCounts { counts.record(token) }
    constraint?.accept(token)
    if case .stopped = text(with: token) {
      // It was no reason to stop then.
      stopStrings = StopStringMatcher(request.stop.strings)
    }
  }

  /// Whether it is to be worked out which tokens the constraint allows next.
  var needsMask: Bool {
    guard choosesTokens, let constraint else { return false }
    return !constraint.isPrepared && !constraint.isFinished
  }

  /// Whether the next token is known, as the constraint allows no other.
  var isForced: Bool { choosesTokens && constraint?.only != nil }

  /// Works out which tokens the constraint allows next, unless that was done.
  ///
  /// What is done here before the logits are there, nobody waits for.
  func prepareMask() {
    if choosesTokens { constraint?.prepare() }
  }

  /// Chooses the next token and reports it.
  ///
  /// - Parameter logits: The logits of the last known position, [V].
  /// - Returns: The token, to be computed next; nil when the generation ended.
  func advance(logits: UnsafeBufferPointer<Float>, sampler: inout Sampler) -> Token? {
    guard choosesTokens, constraint?.isFinished != true else {
      conclude(isFinite: logits.allSatisfy { $0 < .infinity })
      return nil
    }
    reportPrompt()
    guard let token = choose(from: logits, sampler: &sampler), isSane(logits, at: token) else {
      fail(reasonForNone(of: logits))
      return nil
    }
    let logprobs = request.alternatives.map {
      sampler.logprobs(of: token, in: logits, alternatives: $0)
    }
    generated += 1
    processing?.append(token)
    if request.sampling.needsCounts { counts.record(token) }
    let isEnd = endTokens.contains(token) || constraint?.ends(with: token) == true
    if !isEnd { constraint?.accept(token) }
    endLogprobs = isEnd ? logprobs : nil
    switch isEnd ? .ends(.stop) : report(token, logprobs: logprobs) {
    case .goesOn: return token
    case .ends(let reason):
      finish(reason, endToken: isEnd ? token : nil)
      return nil
    }
  }

  private func choose(
    from logits: UnsafeBufferPointer<Float>, sampler: inout Sampler
  ) -> Token? {
    if let only = constraint?.onlyToken() { return only }
    let banned = answered + generated < request.stop.minimumTokens ? Array(endTokens) : []
    // Made inside the call, so that nothing shares the counts or the mask when they change.
    return sampler.choose(
      from: logits, parameters: request.sampling,
      context: SamplingContext(
        choice: request.choice, position: request.prompt.count + generated, counts: counts,
        banned: banned, mask: constraint?.nextMask(), processing: processing))
  }

  /// Whether a token's logit is a number, as all are of which a token is chosen; of a token that was not
  /// chosen for its logit it says whether the model failed.
  private func isSane(_ logits: UnsafeBufferPointer<Float>, at token: Token) -> Bool {
    logits.indices.contains(Int(token)) && logits[Int(token)] < .infinity
  }

  /// Why no token could be chosen: the model failed, or what was asked for leaves none.
  private func reasonForNone(of logits: UnsafeBufferPointer<Float>) -> EngineError {
    isSound = logits.allSatisfy { $0 < .infinity }
    let isPossible = isSound && logits.contains { $0 > -.infinity }
    return isPossible ? .noTokenAllowed : .notFinite
  }

  /// Ends the generation with an error.
  func fail(_ error: EngineError) {
    ending = .error
    continuation.finish(throwing: error)
  }

  private func report(_ token: Token, logprobs: TokenLogprobs?) -> Outcome {
    switch text(with: token) {
    case .text(let certain):
      // No stop string reaches beyond a control token, whose place in the text counts.
      let isMark = tokenizer.kind(of: token) == .control && !request.showsControlTokens
      let text = isMark ? certain + stopStrings.finish() : certain
      yield(token, text: text, logprobs: logprobs)
      if constraint?.isFinished == true { return .ends(.stop) }
      return answered + generated >= maximumTokens ? .ends(.length) : .goesOn
    case .stopped(let text, let string):
      let shown = request.stop.showsString ? text + string : text
      yield(token, text: shown, logprobs: logprobs)
      return .ends(.stopString(string))
    }
  }

  /// The text that becomes certain with a token. Where the answer must not end yet, no stop string is
  /// looked for.
  private func text(with token: Token) -> StopStringMatcher.Result {
    let text = detokenizer.append(token)
    return answered + generated < request.stop.minimumTokens
      ? .text(text) : stopStrings.append(text)
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

// MARK: - Rows

extension Generation {
  /// Whether there is an answer, or the prompt is all that is to be computed.
  var choosesTokens: Bool { maximumTokens > 0 }

  /// What is wanted of the positions whose rows a step outputs.
  ///
  /// - Parameter isCaughtUp: Whether all that is known is computed with the step.
  func demand(of outputs: Range<Int>, isCaughtUp: Bool) -> RowDemand {
    var demand = RowDemand()
    for consumer in consumers {
      let own = consumer.demand(of: outputs)
      if !own.logits.isEmpty { demand.logits = own.logits }
      if !own.states.isEmpty { demand.states = own.states }
      demand.secondText = own.secondText ?? demand.secondText
    }
    // To choose the next token, or to see whether what was computed is finite.
    let needsLogits = demand.states.isEmpty || (isCaughtUp && choosesTokens)
    if demand.logits.isEmpty, needsLogits, let last = outputs.last {
      demand.logits = last..<(last + 1)
    }
    return demand
  }

  /// Takes a row of the sequence, for what is gathered about the prompt.
  func take(_ row: StepRow, sampler: inout Sampler) {
    for index in consumers.indices { consumers[index].take(row, sampler: &sampler) }
  }

  /// Ends a generation that chooses no token, once its prompt was computed.
  private func conclude(isFinite: Bool) {
    isSound = isFinite
    guard isFinite else { return fail(.notFinite) }
    reportPrompt()
    finish(choosesTokens ? .stop : .length, endToken: nil)
  }

  private func reportPrompt() {
    guard !consumers.isEmpty else { return }
    var report = PromptReport()
    for consumer in consumers { consumer.report(in: &report) }
    continuation.yield(.prompt(report))
    consumers = []
  }
}
