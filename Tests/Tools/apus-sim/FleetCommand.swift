import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// Simulates servers behind a balancer:
//
//     apus-sim --fleet [--policy NAME] [--replicas N] [--requests FILE] [--factor X] [--bench FILE]
//
// prints a table with a line for each way of choosing a server, or for the one that is named.

/// What `--fleet` takes.
let fleetUsage = """
  usage: apus-sim --fleet [options]
    --policy NAME            one of \(FleetPolicy.named.map(\.name).joined(separator: ", ")); all if left out
    --replicas N             servers; 8 if left out
    --requests FILE          Mooncake's or Azure's trace; made-up conversations if left out
    --factor X               the trace X times as fast
    --sessions X, --hours H  made-up conversations that begin in a second, and for how long
    --bench FILE             what `apus bench --json --sequences 1,8` printed: how long steps take
    --prompt-speed X         tokens of prompts in a second instead; 6000 if left out
    --cache-tokens N         what the cache of a server holds; 3000000 if left out
    --reads-only             answers of one token
    --fail-hours H           hours between two failures of one server, in the mean
    --health-lag S           seconds until the balancer knows that a server went or came
    --restart-at S           when all servers are restarted one after the other
    --price-per-hour X       what a server costs
    --seed N                 where all that is drawn begins
  """

/// Runs the simulation that the command line asks for; returns the exit code.
func simulateFleet() -> Int32 {
  guard let settings = fleetSettings(), let requests = fleetRequests(seed: settings.seed) else {
    print(fleetUsage)
    return 64
  }
  let chosen = FleetPolicy.named.filter { option("--policy").map($0.name.elementsEqual) ?? true }
  guard !chosen.isEmpty, !requests.isEmpty else {
    print(fleetUsage)
    return 64
  }
  print(fleetHead)
  for (name, policy) in chosen {
    var settings = settings
    settings.policy = policy
    print(fleetRow(name, FleetSimulation.run(settings, requests)))
  }
  return 0
}

private func number(_ name: String) -> Double? { option(name).flatMap { Double($0) } }

private func fleetSettings() -> FleetSettings? {
  var settings = FleetSettings()
  settings.replicas = option("--replicas").flatMap { Int($0) } ?? 8
  settings.cacheTokens = option("--cache-tokens").flatMap { Int($0) } ?? 3_000_000
  settings.cost.perPromptRow = 1 / (number("--prompt-speed") ?? 6000)
  settings.readsOnly = hasFlag("--reads-only")
  settings.hoursBetweenFailures = number("--fail-hours")
  settings.healthLag = number("--health-lag") ?? 0.5
  settings.rollingRestartAt = number("--restart-at")
  settings.pricePerHour = number("--price-per-hour") ?? 0
  settings.seed = option("--seed").flatMap { UInt64($0) } ?? 0
  if let file = option("--bench") {
    guard let text = contents(of: file), let cost = StepCost(bench: text) else { return nil }
    settings.cost = cost
  }
  let isSound =
    (1...100_000).contains(settings.replicas) && settings.cacheTokens >= 1024
    && settings.cost.perPromptRow.isFinite && settings.cost.perPromptRow > 0
  return isSound ? settings : nil
}

private func fleetRequests(seed: UInt64) -> [FleetRequest]? {
  guard let file = option("--requests") else {
    var sessions = FleetTrace.Sessions()
    sessions.rate = number("--sessions") ?? 1
    sessions.duration = (number("--hours") ?? 1) * 3600
    return FleetTrace.sessions(sessions, seed: seed)
  }
  guard let text = contents(of: file) else { return nil }
  let factor = number("--factor") ?? 1
  return FleetTrace.parse(text).map { request in
    var request = request
    request.arrival /= factor
    return request
  }
}

private func contents(of path: String) -> String? {
  guard let file = fopen(path, "rb") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
  return String(decoding: bytes, as: UTF8.self)
}

private let fleetHead = """
  | policy | hits | first token p50 | p90 | p99, s | busiest ÷ mean | failed | retries | cost per million |
  |---|---:|---:|---:|---:|---:|---:|---:|---:|
  """

private func fleetRow(_ name: String, _ report: FleetReport) -> String {
  let cells = [
    name, "\(rounded(report.hits * 100, 0)) %", rounded(report.firstToken(0.5), 2),
    rounded(report.firstToken(0.9), 1), rounded(report.firstToken(0.99), 1),
    rounded(report.imbalance, 2), "\(report.refused + report.cut) of \(report.requests)",
    "\(report.retries)", rounded(report.costPerMillion, 4),
  ]
  return "| " + cells.joined(separator: " | ") + " |"
}

private func rounded(_ value: Double, _ digits: Int) -> String {
  let scale = (0..<digits).reduce(1.0) { whole, _ in whole * 10 }
  let number = (value * scale).rounded() / scale
  return digits == 0 ? "\(Int(number))" : "\(number)"
}
