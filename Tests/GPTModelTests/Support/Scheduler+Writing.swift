import GPTModel
import Testing

extension Scheduler {
  /// Plans a step; what the one before it computed is known to be finite.
  mutating func planned() -> StepPlan {
    var plan = StepPlan()
    for (id, _) in progress { confirm(id) }
    self.plan(into: &plan)
    let violations = checkInvariants()
    #expect(violations == [])
    return plan
  }

  /// Plans steps, with a token after each that is complete, until a sequence has so many positions.
  ///
  /// - Parameter body: Is told of the sequence's part of each step, and how many pages are free.
  mutating func write(
    _ id: UInt64, to count: Int, _ body: (StepPlan.Entry, _ freePages: Int) -> Void = { _, _ in }
  ) {
    var computed = 0
    while computed < count {
      guard let entry = planned().entries.first(where: { $0.id.number == id }) else { return }
      body(entry, freePages)
      computed = entry.end
      if isCaughtUp(entry.id) { append(Token(computed), to: entry.id) }
    }
  }
}

extension [Token] {
  /// Tokens that count up.
  static func counting(_ count: Int, from first: Int = 0) -> [Token] {
    (0..<count).map { Token(first + $0) }
  }
}

extension RequestTerms {
  /// Of a request that shares nothing.
  static var withoutCache: RequestTerms {
    var terms = RequestTerms()
    terms.usesCache = false
    return terms
  }
}
