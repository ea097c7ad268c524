import GPTModel

/// Writes metrics in Prometheus's text format, version 0.0.4.
struct PrometheusText {
  /// The prefix of this program's metrics.
  static let prefix = "apus:"

  /// The media type.
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// The text so far.
  private(set) var text = ""

  /// Writes all metrics of a list that have a value.
  ///
  /// - Parameters:
  ///   - prefix: What stands before their names.
  ///   - labels: What all their samples have, before labels of their own.
  mutating func write<Source>(
    _ metrics: [Metric<Source>], of source: Source, prefix: String = Self.prefix,
    labels: KeyValuePairs<String, String> = [:]
  ) {
    let labels = labels.map { MetricSample.Label(name: $0.key, value: $0.value) }
    for metric in metrics {
      guard let reading = metric.read(source) else { continue }
      let name = prefix + metric.name
      text +=
        "# HELP \(name) \(Self.escaped(metric.help))\n# TYPE \(name) \(metric.kind.rawValue)\n"
      for sample in reading.samples {
        write(sample, of: name, labels: labels)
      }
    }
  }

  private mutating func write(
    _ sample: MetricSample, of name: String, labels: [MetricSample.Label]
  ) {
    let list = (labels + sample.labels).map { label in
      let value = Self.escaped(label.value).replacing("\"", with: "\\\"")
      return "\(label.name)=\"\(value)\""
    }.joined(separator: ",")
    text +=
      name + sample.suffix + (list.isEmpty ? "" : "{\(list)}")
      + " \(sample.number.prometheus)\n"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
  }
}

extension MetricReading {
  /// All numbers of the value, those of a distribution added up from bound to bound.
  fileprivate var samples: [MetricSample] {
    switch self {
    case .integer(let number): return [MetricSample(.integer(number), labels: [:])]
    case .real(let number): return [MetricSample(.real(number), labels: [:])]
    case .samples(let samples): return samples
    case .distribution(let distribution):
      var count = 0
      var samples: [MetricSample] = []
      for (bound, counted) in zip(distribution.bounds + [.infinity], distribution.counts) {
        count += counted
        samples.append(
          MetricSample(
            .integer(count), labels: ["le": MetricSample.Number.real(bound).prometheus],
            suffix: "_bucket"))
      }
      samples.append(MetricSample(.real(distribution.sum), labels: [:], suffix: "_sum"))
      samples.append(MetricSample(.integer(count), labels: [:], suffix: "_count"))
      return samples
    }
  }
}

extension MetricSample.Number {
  /// The number as Prometheus reads it.
  fileprivate var prometheus: String {
    switch self {
    case .integer(let number): return String(number)
    case .real(let number):
      if number.isNaN { return "NaN" }
      if number.isInfinite { return number > 0 ? "+Inf" : "-Inf" }
      return number.description
    }
  }
}
