import NIOCore
import Testing

@testable import InferenceServer

@Suite("Budgets of events")
struct EventBudgetTests {
  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

  private func spent(_ budget: inout EventBudget, tries: Int, at now: NIODeadline) -> Int {
    (0..<tries).count { _ in budget.spend(at: now) }
  }

  @Test("A hundred events at once are fine, and one more is not")
  func limit() {
    var budget = EventBudget()
    #expect(spent(&budget, tries: 100, at: start) == 100)
    #expect(spent(&budget, tries: 1, at: start) == 0)
  }

  @Test("What was spent comes back evenly over the period, and no more than that")
  func refill() {
    var budget = EventBudget()
    _ = spent(&budget, tries: 101, at: start)
    #expect(spent(&budget, tries: 100, at: start + .seconds(15)) == 50)
    #expect(spent(&budget, tries: 300, at: start + .seconds(1000)) == 100)
  }

  @Test("Events that were earned come on top, up to a limit, and do not vanish with time")
  func earned() {
    var budget = EventBudget(saved: 150)
    budget.earn(1000)
    #expect(spent(&budget, tries: 1, at: start) == 1)
    #expect(spent(&budget, tries: 300, at: start + .seconds(60)) == 149)
  }
}
