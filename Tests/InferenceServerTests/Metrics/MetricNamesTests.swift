import Foundation
import GPTModel
import Testing

@testable import InferenceServer

@Suite("Names of metrics are those of the list, wherever they are written")
struct MetricNamesTests {
  /// What the list has, with what Prometheus adds to histograms and summaries.
  private static let told: Set<String> = {
    var names: Set<String> = []
    func add<Source>(_ metrics: [Metric<Source>], _ prefix: String) {
      for metric in metrics {
        let name = prefix + metric.name
        let isMany = metric.kind == .histogram || metric.kind == .summary
        names.formUnion(isMany ? [name + "_count", name + "_sum"] : [name])
        if metric.kind == .histogram { names.insert(name + "_bucket") }
        if metric.kind == .summary { names.insert(name) }
      }
    }
    add(EngineFigures.metrics, PrometheusText.prefix)
    add(ServerFigures.metrics, PrometheusText.prefix)
    add(CostFigures.metrics, PrometheusText.prefix)
    add(ProcessFigures.quotaMetrics, PrometheusText.prefix)
    add(ProcessFigures.metrics, ProcessFigures.prefix)
    return names
  }()

  private static func file(_ path: String) throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
    return try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  @Test("No name stands twice, and a sum of seconds or tokens says so")
  func list() {
    var names = EngineFigures.metrics.map(\.name) + ServerFigures.metrics.map(\.name)
    names += CostFigures.metrics.map(\.name)
    names += ProcessFigures.quotaMetrics.map(\.name) + ProcessFigures.metrics.map(\.name)
    #expect(Set(names).count == names.count)
    for metric in EngineFigures.metrics where metric.unit == .seconds {
      #expect(metric.name.hasSuffix("_seconds"))
    }
    for metric in EngineFigures.metrics where metric.kind == .counter {
      #expect(metric.name.hasSuffix("_total"))
    }
  }

  @Test("The dashboard asks for nothing that is not told")
  func dashboard() throws {
    let text = try Self.file("Deploy/grafana.json")
    let asked = Set(text.matches(of: /\b(?:apus:|process_)[a-z0-9_]+/).map { String($0.output) })
    #expect(asked.count > 20)
    #expect(asked.subtracting(Self.told) == [])
  }

  @Test("The page asks for nothing that is not told")
  func page() throws {
    let text = try Self.file("Sources/WebPage/Page/engine.js")
    let names = text.matches(of: /"([a-z0-9_]+_(?:total|seconds|running|waiting|perc))"/)
    let asked = Set(names.map { PrometheusText.prefix + $0.output.1 })
    #expect(asked.count == 8)
    let told = Self.told.union(EngineFigures.metrics.map { PrometheusText.prefix + $0.name })
    #expect(asked.subtracting(told) == [])
  }
}
