import TestSupport
import Testing

@Suite("Simulation")
struct SimulationTests {
  @Test("Under 200 seeds of load and faults nothing that must hold is broken", arguments: 0..<8)
  func seeds(part: Int) {
    for seed in UInt64(part * 25)..<UInt64((part + 1) * 25) {
      let report = Simulation.run(seed: seed)
      #expect(report.violation == nil)
    }
  }

  @Test("A seed always gives the same simulation")
  func deterministic() {
    var first: [String] = []
    var second: [String] = []
    _ = Simulation.run(seed: 11) { first.append($0) }
    _ = Simulation.run(seed: 11) { second.append($0) }
    #expect(first.count > 10)
    #expect(first == second)
  }

  @Test("The seeds cause every kind of fault")
  func coverage() {
    var report = SimulationReport()
    for seed in 0..<100 as Range<UInt64> { report.add(Simulation.run(seed: seed)) }
    let counts = [
      report.disconnects, report.expired, report.spoiled, report.poisoned, report.failures,
      report.others, report.preemptions, report.refusals, report.prefixHits,
      report.positionsWanted, report.encodings, report.encodeFailures, report.windows,
      report.hiddenHits, report.groups, report.groupHits, report.stateCopies, report.stateHits,
      report.accepted, report.drafted - report.accepted, report.runTokens,
    ]
    #expect(counts.allSatisfy { $0 > 0 }, "\(counts)")
  }
}
