import TestSupport

// Simulates the scheduler under load and faults:
//
//     apus-sim --seeds 'A..<B' [--jobs N] [--quiet] [--announce] [--keep-going]
//     apus-sim --seed N [--trace]
//     apus-sim --fleet [options]
//
// Exits with 1 when something that must hold did not, and says how to reproduce it.

func option(_ name: String) -> String? {
  let arguments = CommandLine.arguments
  guard let place = arguments.firstIndex(of: name), place + 1 < arguments.count else { return nil }
  return arguments[place + 1]
}

func hasFlag(_ name: String) -> Bool { CommandLine.arguments.contains(name) }

func seeds(_ text: String) -> Range<UInt64>? {
  let bounds = text.split(separator: "..<").map { UInt64($0) }
  guard bounds.count == 2, let first = bounds[0], let end = bounds[1], first <= end else {
    return nil
  }
  return first..<end
}

func summary(_ report: SimulationReport, seeds: Int) -> String {
  """
  \(seeds) seeds, \(report.steps) steps, \(report.sequences) sequences (\(report.finished) \
  finished, \(report.refusals) refused), \(report.faults) faults: \(report.preemptions) \
  preemptions, \(report.disconnects) disconnects, \(report.expired) expired, \(report.spoiled) \
  not finite, \(report.poisoned) of them or others poisoned, \(report.failures) failed steps, \(report.others) other; \(report.prefixHits) prefix \
  hits of \(report.positionsFound) positions, \(report.hiddenHits) beyond a window; \
  \(report.windows) parts without pages that they do not see, \(report.groups) in some groups only, \
  which \(report.groupHits) hits had; \(report.stateCopies) copies of states, \(report.stateHits) hits \
  that went on from one; \(report.encodings) attachments \
  encoded, of which \(report.encodeFailures) failed; \(report.drafted) drafted tokens, of which \
  \(report.accepted) were chosen, \(report.runTokens) known at once; \(report.violations) violations
  """
}

/// Runs some seeds one after the other, by default up to the first violation.
func runAll(_ seeds: Range<UInt64>, announces: Bool, keepsGoing: Bool) -> SimulationReport {
  var report = SimulationReport()
  for seed in seeds where report.violation == nil || keepsGoing {
    // So that a trap, which ends the process, can be reproduced too.
    if announces { print("seed \(seed)") }
    let one = Simulation.run(seed: seed)
    if let violation = one.violation { print(violation) }
    report.add(one)
  }
  return report
}

func run(_ seeds: Range<UInt64>, jobs: Int) async -> SimulationReport {
  let (size, isQuiet) = (UInt64(250), hasFlag("--quiet"))
  let (announces, keepsGoing) = (hasFlag("--announce"), hasFlag("--keep-going"))
  var (report, next, done) = (SimulationReport(), seeds.lowerBound, 0)
  await withTaskGroup(of: (SimulationReport, Int).self) { group in
    func start() {
      guard next < seeds.upperBound, report.violation == nil || keepsGoing else { return }
      let part = next..<min(next + size, seeds.upperBound)
      next = part.upperBound
      group.addTask { (runAll(part, announces: announces, keepsGoing: keepsGoing), part.count) }
    }
    for _ in 0..<jobs { start() }
    for await (part, count) in group {
      report.add(part)
      done += count
      if !isQuiet, done % 10_000 < count { print(summary(report, seeds: done)) }
      start()
    }
  }
  print(summary(report, seeds: done))
  return report
}

func exitCode() async -> Int32 {
  if hasFlag("--fleet") { return simulateFleet() }
  if let seed = option("--seed").flatMap({ UInt64($0) }) {
    let report = Simulation.run(seed: seed, trace: hasFlag("--trace") ? { print($0) } : nil)
    if let violation = report.violation { print(violation) }
    print(summary(report, seeds: 1))
    return report.violation == nil ? 0 : 1
  }
  guard let seeds = option("--seeds").flatMap(seeds) else {
    print("usage: apus-sim --seeds A..<B [--jobs N] | --seed N [--trace] | --fleet [options]")
    return 64
  }
  let report = await run(seeds, jobs: option("--jobs").flatMap { Int($0) } ?? 1)
  return report.violation == nil ? 0 : 1
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

exit(await exitCode())
