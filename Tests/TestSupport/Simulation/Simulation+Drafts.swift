import GPTModel

extension Simulation {
  /// The token that follows a position, by its hash.
  private func token(after hash: UInt64) -> Token { Token(hash % UInt64(settings.vocabulary)) }

  /// Drafts tokens of sequences that write, some of them wrong.
  func propose() {
    for sequence in live {
      sequence.draft = []
      let room = min(
        settings.limits.draftRowsPerStep, sequence.target - sequence.written - 1)
      guard sequence.wasRunning, sequence.written > 0, room > 0,
        generator.happens(settings.drafting)
      else { continue }
      var hash = sequence.chain.last ?? sequence.origin
      for _ in 0..<1 + generator.below(room) {
        let right = token(after: hash)
        let isWrong = generator.happens(settings.wrongDrafts)
        sequence.draft.append(isWrong ? right + 1 : right)
        hash = SimulatedModel.hash(right, after: hash)
      }
      scheduler.propose(sequence.draft, for: sequence.id)
    }
  }

  /// The tokens that an entry is to be computed with: its own, then those drafted.
  func expectedTokens(of entry: StepPlan.Entry, _ sequence: SimulatedSequence) -> [Token] {
    let own = sequence.tokens[entry.first..<(entry.end - entry.drafted)]
    return Array(own) + sequence.draft.prefix(entry.drafted)
  }

  /// Whether a row is that of the last token known, and each token drafted before it was chosen.
  ///
  /// - Parameter known: Tokens known before the step.
  func isDue(
    _ position: Int, of entry: StepPlan.Entry, _ sequence: SimulatedSequence, known: Int
  ) -> Bool {
    guard position + 1 == sequence.tokens.count else { return false }
    return position < known
      || sequence.tokens[known...].elementsEqual(sequence.draft.prefix(position + 1 - known))
  }

  /// Chooses the next token of a sequence, and with it those that are known at once.
  func write(_ sequence: SimulatedSequence, isDrafted: Bool) {
    var more = generator.happens(settings.runs) ? generator.below(Scheduler.longestRun + 1) : 0
    var isFirst = true
    while true {
      if sequence.written + 1 == sequence.target { return end(sequence, .finished) }
      let token = token(after: sequence.chain.last ?? sequence.origin)
      if let drafted = scheduler.nextDrafted(of: sequence.id) {
        report.accepted += drafted.token == token ? 1 : 0
        if !isDrafted { violate("\(sequence.id.number) has a draft that was not planned") }
      }
      sequence.append(token)
      order.write(sequence)
      scheduler.append(token, to: sequence.id)
      report.runTokens += isFirst ? 0 : 1
      isFirst = false
      if more == 0 { return }
      more -= 1
    }
  }

  /// Checks that what is drafted keeps to its bounds, and comes after all that is known.
  func checkDrafts(of plan: StepPlan) {
    var drafted = 0
    for entry in plan.entries where entry.drafted != 0 {
      drafted += entry.drafted
      guard let sequence = byNumber[entry.id.number] else { return }
      if entry.drafted < 0 || entry.drafted > sequence.draft.count
        || entry.end - entry.drafted != sequence.tokens.count
      {
        violate(
          "\(entry.id.number) has \(entry.drafted) of \(sequence.draft.count) drafted tokens"
            + " from \(entry.end - entry.drafted) on, and \(sequence.tokens.count) tokens")
      }
    }
    report.drafted += drafted
    if drafted > settings.limits.draftRowsPerStep { violate("\(drafted) tokens are drafted") }
  }
}
