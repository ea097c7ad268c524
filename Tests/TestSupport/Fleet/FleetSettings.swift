import GPTModel

/// What is simulated of a fleet.
package struct FleetSettings: Sendable {
  /// Servers.
  package var replicas = 8
  /// How the balancer chooses.
  package var policy = FleetPolicy.hash(blocks: 2)
  /// How long steps take.
  package var cost = StepCost(writing: 0.02, perWriter: 0.001, perPromptRow: 1 / 6000)
  /// Tokens that the cache of a server holds.
  package var cacheTokens = 3_000_000
  /// Answers that a server writes side by side, and requests that may wait there.
  package var (running, waiting) = (32, 65_536)
  /// Whether prompts are read only, and each answer is its first token.
  package var readsOnly = false
  /// Seconds after which the balancer knows that a server went or came.
  package var healthLag = 0.5
  /// Hours between two failures of one server, in the mean; nil for never.
  package var hoursBetweenFailures: Double?
  /// Seconds that a server is gone after a failure, and after it was asked to stop.
  package var (repairTime, restartTime) = (600.0, 3.0)
  /// When all servers are restarted one after the other; nil for never.
  package var rollingRestartAt: Double?
  /// What a server costs in an hour.
  package var pricePerHour = 0.0
  /// Where all that is drawn begins.
  package var seed: UInt64 = 0

  /// Creates the defaults.
  package init() {}

  /// The bounds of each server's scheduler.
  var limits: SchedulerLimits {
    let positions = 32
    return SchedulerLimits(
      rowsPerStep: 512, runningSequences: running, waitingSequences: waiting,
      pages: max(1, cacheTokens / positions), positionsPerPage: positions)
  }
}

/// What a simulated fleet did.
package struct FleetReport: Sendable, Hashable {
  /// Requests that came, and that had a first token.
  package internal(set) var (requests, answered) = (0, 0)
  /// Requests that no server could take, and answers that a failure cut.
  package internal(set) var (refused, cut) = (0, 0)
  /// Attempts at servers that were gone or full, which the balancer made good.
  package internal(set) var retries = 0
  /// Failures, and restarts that were asked for.
  package internal(set) var (failures, restarts) = (0, 0)
  /// Tokens of prompts, those found computed, and those of answers.
  package internal(set) var (promptTokens, cachedTokens, answerTokens) = (0, 0, 0)
  /// Seconds to each first token, ascending.
  package internal(set) var firstTokens: [Double] = []
  /// Rows that each server computed.
  package internal(set) var rows: [Int] = []
  /// Seconds from the beginning to the last event.
  package internal(set) var seconds = 0.0
  /// What the servers cost for that time.
  package internal(set) var cost = 0.0

  /// The share of prompts that was found computed.
  package var hits: Double { promptTokens > 0 ? Double(cachedTokens) / Double(promptTokens) : 0 }
  /// The rows of the busiest server by those of the mean.
  package var imbalance: Double {
    let sum = rows.reduce(0, +)
    return sum > 0 ? Double(rows.max() ?? 0) * Double(rows.count) / Double(sum) : 0
  }
  /// Money for a million tokens, of prompts and answers together.
  package var costPerMillion: Double {
    let tokens = promptTokens + answerTokens
    return tokens > 0 ? cost * 1e6 / Double(tokens) : 0
  }

  /// The seconds to the first token that a share of all did not exceed.
  package func firstToken(_ share: Double) -> Double {
    guard !firstTokens.isEmpty else { return 0 }
    let place = Int((Double(firstTokens.count) * share).rounded(.up)) - 1
    return firstTokens[max(0, min(firstTokens.count - 1, place))]
  }
}
