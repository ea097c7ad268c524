import GPTModel
import Platform

/// What tokens take at one moment: time of steps, and with a price of the machine money.
struct CostFigures: Sendable {
  /// All tokens.
  let account: TokenAccount
  /// The tokens of each key, by the key's name; empty where nobody needs one.
  let clients: [String: TokenAccount]
  /// Seconds since the server began.
  let uptime: Double
  /// What the machine costs; nil where nobody said.
  let price: MachinePrice?

  /// Money for a million tokens of prompts that were computed, at the mean speed so far; nil before the
  /// first, and without a price.
  var perMillionPromptTokens: Double? {
    perMillion(account.promptTokens, in: account.promptSeconds)
  }

  /// Money for a million tokens of answers, at the mean speed so far; nil before the first, and without a
  /// price.
  var perMillionWrittenTokens: Double? {
    perMillion(account.writtenTokens, in: account.writtenSeconds)
  }

  private func perMillion(_ tokens: Int, in seconds: Double) -> Double? {
    seconds > 0 ? price?.perMillion(tokensPerSecond: Double(tokens) / seconds) : nil
  }

  /// Seconds in which no step was computed.
  fileprivate var idleSeconds: Double { max(0, uptime - account.seconds) }
  fileprivate var sortedClients: [(key: String, value: TokenAccount)] {
    clients.sorted { $0.key < $1.key }
  }
}

extension CostFigures {
  /// The metrics of what tokens take.
  static let metrics: [Metric<CostFigures>] = [
    Metric(
      "step_seconds_total", .counter, .seconds,
      "Time of steps, shared by their rows: tokens of prompts, and of answers (kind=written)."
    ) { figures in
      .samples([
        MetricSample(.real(figures.account.promptSeconds), labels: ["kind": "prompt"]),
        MetricSample(.real(figures.account.writtenSeconds), labels: ["kind": "written"]),
      ])
    },
    Metric(
      "cost_total", .counter, .money,
      "The machine's price for the time of steps, and for that without (kind=idle)."
    ) { figures in
      figures.price.map { price in
        .samples(
          [
            ("prompt", figures.account.promptSeconds), ("written", figures.account.writtenSeconds),
            ("idle", figures.idleSeconds),
          ].map { kind, seconds in
            MetricSample(
              .real(price.cost(seconds: seconds)),
              labels: ["currency": price.currency, "kind": kind])
          })
      }
    },
    Metric(
      "client_tokens_total", .counter, .tokens,
      "Tokens of each key: of prompts computed or found in the prefix cache, and of answers."
    ) { figures in
      figures.clients.isEmpty ? nil : .samples(figures.sortedClients.flatMap(tokens))
    },
    Metric(
      "client_cost_total", .counter, .money, "The machine's price for the time of each key's steps."
    ) { figures in
      guard let price = figures.price, !figures.clients.isEmpty else { return nil }
      return .samples(figures.sortedClients.flatMap { costs($0.value, of: $0.key, at: price) })
    },
  ]

  private static func tokens(_ client: String, _ account: TokenAccount) -> [MetricSample] {
    [
      ("prompt", account.promptTokens), ("cached", account.cachedTokens),
      ("written", account.writtenTokens),
    ].map { kind, count in
      MetricSample(.integer(count), labels: ["client": client, "kind": kind])
    }
  }

  private static func costs(
    _ account: TokenAccount, of client: String, at price: MachinePrice
  ) -> [MetricSample] {
    [("prompt", account.promptSeconds), ("written", account.writtenSeconds)].map { kind, seconds in
      MetricSample(
        .real(price.cost(seconds: seconds)),
        labels: ["client": client, "currency": price.currency, "kind": kind])
    }
  }
}
