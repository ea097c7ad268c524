import GPTModel

extension Simulation {
  /// Lets clients send what they send in this step.
  func arrive() {
    guard generator.happens(settings.arrivalRate) else { return }
    let count = min(
      generator.happens(100) ? 1 + generator.below(12) : 1, settings.arrivals - submitted)
    let (terms, client) = drawTerms()
    let isSamePrompt = generator.happens(300)
    var prompt = drawPrompt(client: client, terms: terms)
    for place in 0..<count {
      if place > 0, !isSamePrompt { prompt = drawPrompt(client: client, terms: terms) }
      submit(prompt, terms: terms, client: client)
    }
  }

  private func drawTerms() -> (RequestTerms, Int) {
    // The first client sends half of everything.
    let client = generator.happens(400) ? 0 : generator.below(settings.clients)
    var terms = RequestTerms()
    terms.client = "client \(client)"
    terms.priority = generator.below(settings.priorities)
    terms.cacheSalt = String(repeating: "s", count: generator.below(settings.salts))
    terms.usesCache = !generator.happens(settings.withoutCache)
    if generator.happens(settings.deadlines) {
      terms.deadline = now + 0.001 * Double(generator.below(400))
    }
    return (terms, client)
  }

  private func drawPrompt(client: Int, terms: RequestTerms) -> SimulatedPrompt {
    let capacity = settings.limits.longestText
    var prompt = SimulatedPrompt()
    if generator.happens(settings.sharing), !texts.isEmpty {
      // Mostly what the same client may share, sometimes what it must not.
      var text = texts[generator.below(texts.count)]
      for _ in 0..<3 where text.client != client || text.salt != terms.cacheSalt {
        text = texts[generator.below(texts.count)]
      }
      let whole = text.prompt.tokens.count
      let count = generator.happens(500) ? whole : generator.below(whole)
      prompt = text.prompt.prefix(min(count, capacity))
      swapAttachment(of: &prompt)
      if generator.happens(200), !prompt.tokens.isEmpty { return prompt }
    }
    let shared = prompt.tokens.count
    let longest = generator.happens(30) ? capacity : settings.longestPrompt
    let room = min(capacity - shared, 1 + generator.below(longest))
    for _ in 0..<max(shared == 0 ? 1 : 0, room) {
      prompt.tokens.append(Token(generator.below(settings.vocabulary)))
    }
    attach(to: &prompt, from: shared)
    return prompt
  }

  private func submit(_ prompt: SimulatedPrompt, terms: RequestTerms, client: Int) {
    let length = prompt.tokens.count
    let capacity = settings.limits.longestText
    // The last token written is not computed.
    let room = capacity - length + 1
    let target = 1 + generator.below(min(room, generator.happens(50) ? room : settings.longestText))
    let sequence = SimulatedSequence(
      id: SequenceID(nextNumber), terms: terms, client: client, prompt: prompt, target: target,
      wantedFrom: drawWanted(of: length),
      spoiledAfter: generator.happens(settings.spoiled) ? generator.below(target) : nil)
    if generator.happens(settings.poisoned) { sequence.poison = generator.below(length) }
    nextNumber += 1
    submitted += 1
    let refusal = ledger.refusal(
      of: terms.client, tokens: length, limits: settings.limits)
    let expected = expectedRefusal(of: sequence)
    if refusal != expected {
      violate("\(sequence.id.number) is refused: \(String(describing: refusal))")
    }
    guard refusal == nil else {
      report.refusals += 1
      return
    }
    ledger.add(sequence.id, of: terms.client, tokens: length)
    scheduler.submit(
      sequence.id, tokens: prompt.tokens, terms: terms, outputs: sequence.wantedFrom..<length,
      attachments: prompt.attachments.compactMap(\.place))
    note(
      "\(sequence.id.number) arrives: \(terms) \(length) tokens,"
        + " attachments at \(prompt.attachments.map(\.range)), writes \(target)")
    order.join(sequence, waiting: live.lazy.filter { !$0.isRunning })
    report.sequences += 1
    byNumber[sequence.id.number] = sequence
    live.append(sequence)
    if texts.count < 40 || generator.happens(100) {
      texts.append((client, terms.cacheSalt, prompt))
    }
  }

  /// The first position of a prompt each of whose positions is wanted from there on.
  private func drawWanted(of count: Int) -> Int {
    guard generator.happens(settings.wanting) else { return count }
    return generator.one(of: 0, 0, count - 1, generator.below(count))
  }

  private func expectedRefusal(of sequence: SimulatedSequence) -> RequestLedger.Refusal? {
    let limits = settings.limits
    let waiting = live.filter { !$0.isRunning }
    if waiting.count >= limits.waitingSequences {
      return .queueFull(limit: limits.waitingSequences)
    }
    let tokens = waiting.reduce(0) { $0 + $1.tokens.count }
    if limits.waitingTokens < Int.max, tokens + sequence.tokens.count > limits.waitingTokens {
      return .tokensQueued(limit: limits.waitingTokens)
    }
    if live.count(where: { $0.client == sequence.client }) >= limits.sequencesPerClient {
      return .clientLimit(limit: limits.sequencesPerClient)
    }
    return nil
  }

  /// Lets clients disconnect or stop reading.
  func disturb() {
    guard !hasDrained || !live.isEmpty, generator.happens(settings.disconnects) else { return }
    for _ in 0..<(generator.happens(50) ? 8 : 1) {
      report.disconnects += 1
      if generator.happens(150), nextNumber > 0 {
        // Again, or after the end, or of one that was refused.
        let id = SequenceID(UInt64(generator.below(Int(nextNumber))))
        if byNumber[id.number]?.ending != nil || byNumber[id.number] == nil {
          scheduler.remove(id)
        }
      } else if generator.happens(100) {
        // Does not read any more, which nobody else is to notice.
        report.others += 1
      } else if !live.isEmpty {
        let sequence = live[generator.below(live.count)]
        end(sequence, .cancelled)
        if generator.happens(300) { scheduler.remove(sequence.id) }
      }
    }
  }

  /// Ends the sequences that waited too long, and compares them with those that should.
  func expire() {
    let expected = live.filter { sequence in
      !sequence.wasStarted && (sequence.terms.deadline.map { $0 <= now } ?? false)
    }
    let expired = scheduler.removeExpired(at: now)
    if expired != expected.map(\.id) {
      violate("expired \(expired.map(\.number)), not \(expected.map(\.id.number))")
    }
    for sequence in expected { end(sequence, .expired) }
  }
}
