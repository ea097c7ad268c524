import GPTModel
import Testing

@Suite("The ledger of requests")
struct RequestLedgerTests {
  private static let limits: SchedulerLimits = {
    var limits = SchedulerLimits(
      rowsPerStep: 8, runningSequences: 3, waitingSequences: 4, pages: 6, positionsPerPage: 4)
    limits.waitingTokens = 20
    limits.sequencesPerClient = 2
    return limits
  }()

  @Test("Beyond the limits of requests, tokens and clients a request is refused")
  func refusals() {
    var ledger = RequestLedger()
    var next: UInt64 = 0
    func submit(_ client: String, tokens: Int) -> RequestLedger.Refusal? {
      if let refusal = ledger.refusal(of: client, tokens: tokens, limits: Self.limits) {
        return refusal
      }
      ledger.add(SequenceID(next), of: client, tokens: tokens)
      next += 1
      return nil
    }
    #expect(submit("a", tokens: 15) == nil)
    #expect(submit("", tokens: 6) == .tokensQueued(limit: 20))
    #expect(submit("a", tokens: 1) == nil)
    #expect(submit("a", tokens: 1) == .clientLimit(limit: 2))
    #expect(submit("", tokens: 1) == nil)
    #expect(submit("b", tokens: 1) == nil)
    #expect(submit("b", tokens: 1) == .queueFull(limit: 4))
    #expect(submit("b", tokens: .max) == .queueFull(limit: 4))
    #expect([ledger.waiting, ledger.waitingTokens] == [4, 18])
    // One that runs has no place in the queue, and its client still has it.
    ledger.apply(PhaseChange(id: SequenceID(0), phase: .prefilling))
    #expect(submit("a", tokens: 1) == .clientLimit(limit: 2))
    #expect(submit("b", tokens: .max) == .tokensQueued(limit: 20))
    ledger.end(SequenceID(0))
    #expect(submit("a", tokens: 17) == nil)
    #expect([ledger.waiting, ledger.waitingTokens] == [4, 20])
  }

  @Test("Nothing is left only when the engine has ended those too whose places were free before")
  func withdrawn() {
    var ledger = RequestLedger()
    #expect(ledger.isEmpty)
    ledger.add(SequenceID(0), of: "", tokens: 1)
    ledger.withdraw(SequenceID(0))
    #expect(ledger.waiting == 0)
    #expect(!ledger.isEmpty)
    ledger.end(SequenceID(0))
    #expect(ledger.isEmpty)
  }
}
