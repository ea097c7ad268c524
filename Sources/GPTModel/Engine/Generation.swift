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
  /// The place of its adapter among the engine's; nil for none.
  var adapter: Int?
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
  /// The runs that the sequence repeats; nil where they have no penalty.
  private var runs: RepeatedRuns?
  private var detokenizer: Detokenizer
  private var stopStrings: StopStringMatcher
  /// Where the answer is in its constraint; nil where it has none.
  private var constraint: ConstraintFollower?
  /// What drafts the tokens to come; nil where nothing does.
  private var drafter: PromptLookup?
  /// Drafted tokens that were those chosen, and those that were not.
  private var drafts = (accepted: 0, rejected: 0)
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
  ///   - drafter: Drafts the tokens to come; nil for none.
  init(
    request: GenerationRequest, maximumTokens: Int, tokenizer: Tokenizer, head: PooledHead,
    drafter: PromptLookup? = nil,
    continuation: AsyncThrowingStream<GenerationEvent, any Error>.Continuation
  ) {
    self.request = request
    self.maximumTokens = maximumTokens
    self.tokenizer = tokenizer
    self.continuation = continuation
    self.drafter = drafter
    answered = request.answered
    let ends = request.stop.atEndOfSequence ? tokenizer.endsOfSequence : []
    endTokens = ends.union(request.stop.tokens)
    counts = TokenCounts(
      prompt: request.sampling.needsCounts ? request.prompt.tokens.dropLast(answered) : [])
    runs = RepeatedRuns(
      request.sampling, prompt: request.prompt.tokens.dropLast(answered), tokenizer)
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
    record(token)
    constraint?.accept(token)
    if case .stopped = text(with: token) {
      // It was no reason to stop then.
      stopStrings = StopStringMatcher(request.stop.strings)
    }
  }

  /// Notes a token of the answer for the penalties.
  private func record(_ token: Token) {
    if request.sampling.needsCounts { counts.record(token) }
    runs?.record(token)
  }

  /// Whether it is to be worked out which tokens the constraint allows next.
  var needsMask: Bool {
    guard choosesTokens, let constraint else { return false }
    return !constraint.isPrepared && !constraint.isFinished
  }

  /// Whether tokens that are known are taken though their logits are not there: nobody asked for these.
  var takesRuns: Bool { request.alternatives == nil }

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
  /// - Parameters:
  ///   - logits: The logits of the last known position, [V].
  ///   - drafted: The token that was drafted for this position, and how many are with it; nil for none.
  /// - Returns: The token, to be computed next; nil when the generation ended.
  func advance(
    logits: UnsafeBufferPointer<Float>, sampler: inout Sampler,
    drafted: (token: Token, count: Int)? = nil
  ) -> Token? {
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
    let isEnd = isEnd(token)
    if let drafted { note(drafted, chosen: token, isEnd: isEnd) }
    return take(token, isEnd: isEnd, logprobs: logprobs)
  }

  /// Takes the next token where the constraint allows no other, though its logits are not there.
  ///
  /// - Returns: The token, to be computed next; nil when the generation ended with it, or there is a choice.
  func force() -> Token? {
    guard let token = constraint?.onlyToken() else { return nil }
    return take(token, isEnd: isEnd(token), logprobs: nil)
  }

  /// Whether a token ends the answer.
  private func isEnd(_ token: Token) -> Bool {
    endTokens.contains(token) || constraint?.ends(with: token) == true
  }

  /// Goes on by a token of the answer, and reports it.
  private func take(_ token: Token, isEnd: Bool, logprobs: TokenLogprobs?) -> Token? {
    generated += 1
    record(token)
    processing?.append(token)
    drafter?.append(token)
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
        continuations: runs?.continuations() ?? [:], banned: banned,
        mask: constraint?.nextMask(), processing: processing))
  }

  /// Counts what came of drafted tokens: where the chosen one is another, or the last, those after it count
  /// for nothing.
  private func note(_ drafted: (token: Token, count: Int), chosen: Token, isEnd: Bool) {
    let isAccepted = drafted.token == chosen
    let rejected = isAccepted ? (isEnd ? drafted.count - 1 : 0) : drafted.count
    drafts.accepted += isAccepted ? 1 : 0
    drafts.rejected += rejected
    drafter?.note(isAccepted: isAccepted, left: drafted.count - 1)
  }

  /// Drafts the tokens that may come next, at most as many as the answer has room for behind the next one.
  func draft(into draft: inout [Token], atMost count: Int) {
    let room = maximumTokens - answered - generated - 1
    drafter?.draft(into: &draft, atMost: min(count, room))
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
    summary.seed = request.sampling.seed
    continuation.yield(.finished(summary))
    continuation.finish()
  }

  /// What was processed so far.
  var usage: Usage {
    var usage = Usage(
      promptTokens: request.prompt.count, cachedTokens: cachedTokens, completionTokens: generated)
    (usage.acceptedDraftTokens, usage.rejectedDraftTokens) = drafts
    return usage
  }
}

// MARK: - Rows

extension Generation {
  /// Whether there is an answer, or the prompt is all that is to be computed.
  var choosesTokens: Bool { maximumTokens > 0 }

  /// What is wanted of the positions whose rows a step outputs.
  ///
  /// - Parameters:
  ///   - isCaughtUp: Whether all that is known is computed with the step.
  ///   - drafted: How many of the last positions have drafted tokens.
  func demand(of outputs: Range<Int>, isCaughtUp: Bool, drafted: Int = 0) -> RowDemand {
    var demand = RowDemand()
    demand.adapter = adapter
    for consumer in consumers {
      let own = consumer.demand(of: outputs)
      if !own.logits.isEmpty { demand.logits = own.logits }
      if !own.states.isEmpty { demand.states = own.states }
      demand.secondText = own.secondText ?? demand.secondText
    }
    // To choose the next token, or to see whether what was computed is finite.
    let needsLogits = demand.states.isEmpty || (isCaughtUp && choosesTokens)
    if demand.logits.isEmpty, needsLogits, let last = outputs.last {
      demand.logits = (last - drafted)..<(last + 1)
      demand.isOfDraft = drafted > 0
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

  /// Reports how much of the prompt was computed, as long as there is more to compute of it.
  func reportProgress(computed: Int, cached: Int, at time: ContinuousClock.Instant) {
    let total = request.prompt.count
    guard generated == 0, computed < total else { return }
    let progress = PromptProgress(
      total: total, cached: cached, computed: computed,
      seconds: milestones.secondsSinceStart(at: time))
    continuation.yield(.progress(progress))
  }

  private func reportPrompt() {
    guard !consumers.isEmpty else { return }
    var report = PromptReport()
    for consumer in consumers { consumer.report(in: &report) }
    continuation.yield(.prompt(report))
    consumers = []
  }
}
