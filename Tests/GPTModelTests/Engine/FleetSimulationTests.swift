import TestSupport
import Testing

@Suite("Simulated fleets")
struct FleetSimulationTests {
  /// Three small servers, and conversations that keep them at work.
  private func settings(_ change: (inout FleetSettings) -> Void = { _ in }) -> FleetSettings {
    var settings = FleetSettings()
    settings.replicas = 3
    settings.cacheTokens = 200_000
    settings.healthLag = 2
    change(&settings)
    return settings
  }

  private func requests(seed: UInt64 = 1, seconds: Double = 60) -> [FleetRequest] {
    var sessions = FleetTrace.Sessions()
    sessions.rate = 1
    sessions.dailySwing = 0
    sessions.duration = seconds
    sessions.thinkTime = 20
    sessions.lengths = (system: 1024, question: 200, answer: 40)
    return FleetTrace.sessions(sessions, seed: seed)
  }

  @Test("The same settings and requests give the same report, and others another one")
  func deterministic() {
    let settings = settings {
      $0.hoursBetweenFailures = 0.02
      $0.repairTime = 5
    }
    let report = FleetSimulation.run(settings, requests())
    #expect(report == FleetSimulation.run(settings, requests()))
    #expect(report != FleetSimulation.run(settings, requests(seed: 2)))
    #expect(report.failures > 0)
  }

  @Test("Every request has a first token, however servers are chosen", arguments: FleetPolicy.named)
  func complete(name: String, policy: FleetPolicy) {
    let requests = requests()
    let report = FleetSimulation.run(settings { $0.policy = policy }, requests)
    #expect(requests.count > 50 && report.answered == requests.count)
    #expect(report.refused == 0 && report.cut == 0 && report.retries == 0)
    #expect(report.promptTokens == requests.reduce(0) { $0 + $1.promptTokens })
    // What is not found is computed, and every token written but each last is a row too.
    let written = requests.reduce(0) { $0 + $1.answerTokens - 1 }
    #expect(
      report.rows.reduce(0, +) == report.promptTokens - report.cachedTokens + written)
  }

  @Test("Conversations that stay with a server find more computed than those that move")
  func affinity() {
    func hits(_ policy: FleetPolicy) -> Double {
      FleetSimulation.run(settings { $0.policy = policy }, requests()).hits
    }
    #expect(hits(.hash(blocks: 4)) > hits(.roundRobin) + 0.1)
    #expect(hits(.soonest) > hits(.roundRobin))
  }

  @Test("Servers that are restarted one after the other fail no request")
  func rolling() {
    let requests = requests()
    let report = FleetSimulation.run(settings { $0.rollingRestartAt = 20 }, requests)
    #expect(report.restarts == 3)
    #expect(report.answered == requests.count && report.refused == 0 && report.cut == 0)
    #expect(report.retries > 0)
  }

  @Test("A failure cuts what was being written; the rest is asked for elsewhere")
  func failures() {
    let requests = requests()
    let settings = settings {
      $0.hoursBetweenFailures = 0.003
      $0.repairTime = 5
    }
    let report = FleetSimulation.run(settings, requests)
    #expect(report.cut > 0 && report.retries > 0)
    // Each has a first token or was refused; one whose answer was cut had one.
    #expect(report.answered + report.refused == requests.count)
  }

  @Test("The price is that of all servers for the whole time")
  func price() {
    let report = FleetSimulation.run(settings { $0.pricePerHour = 2 }, requests())
    #expect(abs(report.cost - 2 * 3 * report.seconds / 3600) < 1e-9)
    #expect(report.costPerMillion > 0)
  }

  @Test("Both kinds of traces are read, from their first request on")
  func traces() {
    let mooncake = FleetTrace.parse(
      """
      {"timestamp": 2000, "input_length": 700, "output_length": 5, "hash_ids": [1, 2]}
      {"timestamp": 1000, "input_length": 600, "output_length": 4, "hash_ids": [1, 3]}
      nonsense
      """)
    #expect(
      mooncake == [
        FleetRequest(arrival: 0, blocks: [1, 3], promptTokens: 600, answerTokens: 4),
        FleetRequest(arrival: 1, blocks: [1, 2], promptTokens: 700, answerTokens: 5),
      ])
    let azure = FleetTrace.parse(
      "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.5,4808,10\n2023-11-16 18:17:04.5,3,1"
    )
    #expect(azure.map(\.arrival) == [0, 1] && azure.map(\.promptTokens) == [4808, 3])
    #expect(azure.map(\.blocks.count) == [10, 1])
  }

  @Test("The cost of a step is taken from what a benchmark printed")
  func bench() throws {
    let text = """
      {"results":[{"test":"pp512","tokensPerSecond":1000},{"test":"pp512 x8","tokensPerSecond":900},
      {"test":"tg128","tokensPerSecond":50.0},{"test":"tg128 x8","tokensPerSecond":160.0}]}
      """
    let cost = try #require(StepCost(bench: text))
    // 20 ms alone, 50 ms for eight: 30 ms for seven more.
    #expect(
      abs(cost.perWriter - 0.03 / 7) < 1e-9 && abs(cost.writing + cost.perWriter - 0.02) < 1e-9)
    #expect(cost.perPromptRow == 0.001)
    #expect(StepCost(bench: "{}") == nil && StepCost(bench: "[") == nil)
  }
}
