public import CoreMetrics
public import GPTModel
import Synchronization

/// Hands an engine's figures to whatever backend `MetricsSystem` was set up with.
///
/// ```swift
/// let reporter = EngineReporter(engine: engine)
/// reporter.report()  // as often as figures are wanted
/// ```
///
/// Nothing happens between two calls: a program that does nothing uses no processor time.
public final class EngineReporter: Sendable {
  /// What a counter is called, and the sum that it follows.
  private typealias Sum = (label: String, value: @Sendable (EngineMeasures) -> Int)
  /// What a distribution is called, and where it is.
  private typealias Spread = (label: String, value: @Sendable (EngineMeasures) -> Distribution)

  private let engine: Engine
  private let factory: any MetricsFactory
  /// What was handed over last.
  private let last: Mutex<EngineMeasures>
  private let lastPreemptions = Mutex(0)
  private let dimensions: [(String, String)]

  /// Prepares to report.
  ///
  /// - Parameter factory: The backend; the one that `MetricsSystem` was set up with if left out.
  public init(engine: Engine, factory: (any MetricsFactory)? = nil) {
    self.engine = engine
    self.factory = factory ?? MetricsSystem.factory
    last = Mutex(EngineMeasures(contextLength: engine.contextLength))
    dimensions = [("model_name", engine.model.name)]
  }

  /// Hands over what the engine is doing, and what it has done since the last time.
  ///
  /// Of times and sizes these are the count and the sum, as two counters; `report(_:)` tells each one.
  public func report() {
    let (status, now) = (engine.status, engine.measures)
    meter("num_requests_running", Double(status.running))
    meter("num_requests_waiting", Double(status.waiting))
    let used = Double(status.totalPages - status.freePages) / Double(max(1, status.totalPages))
    meter("kv_cache_usage_perc", used)
    count(
      "num_preemptions_total",
      by: lastPreemptions.withLock { last in
        defer { last = status.preemptions }
        return status.preemptions - last
      })
    let before = last.withLock { last in
      defer { last = now }
      return last
    }
    for sum in Self.sums { count(sum.label, by: sum.value(now) - sum.value(before)) }
    for ending in GenerationEnding.allCases {
      count(
        "request_success_total", by: (now.endings[ending] ?? 0) - (before.endings[ending] ?? 0),
        dimensions: [("finished_reason", ending.rawValue)])
    }
    for spread in Self.spreads {
      let (new, old) = (spread.value(now), spread.value(before))
      count(spread.label + "_count", by: new.count - old.count)
      FloatingPointCounter(
        label: Self.prefix + spread.label + "_sum", dimensions: dimensions, factory: factory
      ).increment(by: new.sum - old.sum)
    }
  }

  /// Hands over how long one generation took, to be called with what its last event says.
  public func report(_ summary: GenerationSummary) {
    let times = [
      ("request_queue_time_seconds", summary.times.queued),
      ("request_prefill_time_seconds", summary.times.prefill),
      ("request_decode_time_seconds", summary.times.decode),
    ]
    for (label, seconds) in times {
      Timer(label: Self.prefix + label, dimensions: dimensions, factory: factory)
        .recordSeconds(seconds)
    }
  }

  private func meter(_ label: String, _ value: Double) {
    Meter(label: Self.prefix + label, dimensions: dimensions, factory: factory).set(value)
  }

  private func count(_ label: String, by amount: Int, dimensions more: [(String, String)] = []) {
    Counter(label: Self.prefix + label, dimensions: dimensions + more, factory: factory)
      .increment(by: amount)
  }

  private static let prefix = "apus_"

  private static let sums: [Sum] = [
    ("prompt_tokens_total", { $0.promptTokens }),
    ("generation_tokens_total", { $0.generatedTokens }),
    ("prefix_cache_queries_total", { $0.lookedUpTokens }),
    ("prefix_cache_hits_total", { $0.cachedTokens }),
  ]

  private static let spreads: [Spread] = [
    ("time_to_first_token_seconds", { $0.timeToFirstToken }),
    ("inter_token_latency_seconds", { $0.interTokenLatency }),
    ("e2e_request_latency_seconds", { $0.endToEndTime }),
    ("request_prompt_tokens", { $0.promptLength }),
    ("request_generation_tokens", { $0.answerLength }),
    ("iteration_tokens", { $0.rowsPerStep }),
  ]
}
