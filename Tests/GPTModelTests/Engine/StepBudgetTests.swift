import GPTModel
import Testing

@Suite("Step budget")
struct StepBudgetTests {
  /// A budget of 50 ms that saw steps cost 10 ms and 0.25 ms for each row of a prompt.
  private var learned: StepBudget {
    var budget = StepBudget(target: 0.05, maximumRows: 256)
    for _ in 0..<50 {
      budget.observe(writing: 4, promptRows: 0, seconds: 0.01)
      budget.observe(writing: 4, promptRows: 64, seconds: 0.01 + 64 * 0.00025)
    }
    return budget
  }

  @Test("Beside tokens being written, prompts get what the target leaves, in whole granules")
  func target() {
    // (50 - 10) / 0.25 = 160 rows.
    #expect(learned.promptRows(beside: 4) == 160)
  }

  @Test("Alone, a prompt gets three times the target, and at first four granules")
  func alone() {
    var large = StepBudget(target: 0.05, maximumRows: 4096)
    #expect(large.promptRows(beside: 0) == 64)
    large.observe(writing: 0, promptRows: 100, seconds: 0.025)
    // 150 / 0.25 = 600 rows, of which whole granules are taken.
    #expect(large.promptRows(beside: 0) == 592)
    #expect(learned.promptRows(beside: 0) == 256)
  }

  @Test("However slow the machine, a prompt advances by a granule; never beyond the step")
  func bounds() {
    var slow = StepBudget(target: 0.05, maximumRows: 256)
    slow.observe(writing: 1, promptRows: 0, seconds: 1)
    slow.observe(writing: 1, promptRows: 16, seconds: 9)
    #expect(slow.promptRows(beside: 1) == 16)
    #expect(slow.promptRows(beside: 250) == 6)
    #expect(slow.promptRows(beside: 300) == 0)
    #expect(learned.promptRows(beside: 200) == 56)
  }

  @Test("Times that are no times change nothing")
  func nonsense() {
    var budget = learned
    for seconds in [0, -1, .nan, .infinity] {
      budget.observe(writing: 1, promptRows: 16, seconds: seconds)
    }
    #expect(budget.promptRows(beside: 4) == 160)
  }

  @Test("A machine that slept for an hour reads prompts as before after a few steps")
  func sleep() {
    var budget = learned
    budget.observe(writing: 4, promptRows: 64, seconds: 3600)
    budget.observe(writing: 4, promptRows: 0, seconds: 3600)
    #expect(budget.promptRows(beside: 4) >= 64)
    for _ in 0..<8 {
      budget.observe(writing: 4, promptRows: 0, seconds: 0.01)
      budget.observe(writing: 4, promptRows: 64, seconds: 0.01 + 64 * 0.00025)
    }
    #expect(budget.promptRows(beside: 4) >= 128)
  }

  @Test("A machine that became ten times slower is believed after a few steps")
  func slowdown() {
    var budget = learned
    for _ in 0..<10 { budget.observe(writing: 0, promptRows: 64, seconds: 64 * 0.0025) }
    // 40 ms at 2.5 ms for a row.
    #expect(budget.promptRows(beside: 4) == 16)
  }
}
