public import CoreMetrics
public import GPTModel
import Synchronization

#if !Server
  #error("EngineMetrics needs the trait Server, which is on by default")
#endif

/// Hands an engine's figures to whatever backend `MetricsSystem` was set up with.
///
/// ```swift
/// let reporter = EngineReporter(engine: engine)
/// await reporter.run(every: .seconds(10))  // until its task is cancelled
/// ```
///
/// Nothing happens between two reports: a program that does nothing uses no processor time.
public final class EngineReporter: Sendable {
  private let engine: Engine
  private let factory: any MetricsFactory
  /// What was handed over last.
  private let last: Mutex<EngineFigures>
  private let labels: [(String, String)]

  /// Prepares to report.
  ///
  /// - Parameters:
  ///   - engine: The engine whose figures are reported.
  ///   - factory: The backend; the one that `MetricsSystem` was set up with if left out.
  public init(engine: Engine, factory: (any MetricsFactory)? = nil) {
    self.engine = engine
    self.factory = factory ?? MetricsSystem.factory
    last = Mutex(
      EngineFigures(
        status: EngineStatus(), measures: EngineMeasures(contextLength: engine.contextLength)))
    labels = [("model_name", engine.model.name)]
  }

  /// Hands over what the engine is doing, and what it has done since the last time.
  ///
  /// Of times and sizes these are the count and the sum, as two counters, except for those times that
  /// `report(_:)` tells one by one.
  public func report() {
    let now = EngineFigures(status: engine.status, measures: engine.measures)
    let before = last.withLock { last in
      defer { last = now }
      return last
    }
    for metric in EngineFigures.metrics where metric.ofRequest == nil {
      guard let reading = metric.read(now), let earlier = metric.read(before) else { continue }
      let old = Dictionary(
        earlier.numbers.map { ($0.key, $0.number) }, uniquingKeysWith: { first, _ in first })
      for sample in reading.numbers {
        hand(sample.number, old[sample.key], of: metric, as: sample.key)
      }
    }
  }

  /// Reports at an interval until the task is cancelled, and once more then.
  public func run(every interval: Duration) async {
    repeat { report() } while await Self.wait(interval)
    report()
  }

  /// Waits; false when the task was cancelled meanwhile.
  private static func wait(_ interval: Duration) async -> Bool {
    do {
      try await ContinuousClock().sleep(for: interval)
      return true
    } catch {
      return false
    }
  }

  /// Hands over how long one generation took, to be called with what its last event says.
  public func report(_ summary: GenerationSummary) {
    for metric in EngineFigures.metrics {
      guard let seconds = metric.ofRequest?(summary.times) else { continue }
      Timer(label: Self.prefix + metric.name, dimensions: labels, factory: factory)
        .recordSeconds(seconds)
    }
  }

  /// Hands one number over: what it is, or how much it grew.
  private func hand(
    _ number: MetricSample.Number, _ old: MetricSample.Number?, of metric: Metric<EngineFigures>,
    as key: NumberKey
  ) {
    let label = Self.prefix + metric.name + key.suffix
    let dimensions = labels + key.labels.map { ($0.name, $0.value) }
    switch (number, metric.kind) {
    case (.integer(let value), .gauge):
      Meter(label: label, dimensions: dimensions, factory: factory).set(value)
    case (.real(let value), .gauge):
      Meter(label: label, dimensions: dimensions, factory: factory).set(value)
    case (.integer(let value), _):
      Counter(label: label, dimensions: dimensions, factory: factory)
        .increment(by: value - (old?.integer ?? 0))
    case (.real(let value), _):
      FloatingPointCounter(label: label, dimensions: dimensions, factory: factory)
        .increment(by: value - (old?.real ?? 0))
    }
  }

  private static let prefix = "apus_"
}

/// What tells the numbers of one metric apart.
private struct NumberKey: Hashable {
  var suffix = ""
  var labels: [MetricSample.Label] = []
}

extension MetricReading {
  /// The numbers that can be handed over one by one: no buckets and no quantiles, which backends find
  /// themselves.
  fileprivate var numbers: [(key: NumberKey, number: MetricSample.Number)] {
    switch self {
    case .integer(let value): [(NumberKey(), .integer(value))]
    case .real(let value): [(NumberKey(), .real(value))]
    case .distribution(let distribution):
      [
        (NumberKey(suffix: "_count"), .integer(distribution.count)),
        (NumberKey(suffix: "_sum"), .real(distribution.sum)),
      ]
    case .samples(let samples):
      samples.filter { sample in !sample.labels.contains { $0.name == "quantile" } }.map {
        (NumberKey(suffix: $0.suffix, labels: $0.labels), $0.number)
      }
    }
  }
}

extension MetricSample.Number {
  fileprivate var integer: Int {
    if case .integer(let value) = self { value } else { 0 }
  }

  fileprivate var real: Double {
    if case .real(let value) = self { value } else { 0 }
  }
}
