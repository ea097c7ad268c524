import GPTModel

/// Writes metrics in Prometheus's text format, version 0.0.4.
struct PrometheusText {
  /// What a metric's values are.
  enum Kind: String {
    case counter, gauge, histogram, summary
  }

  /// Names and values that tell apart the series of one metric.
  typealias Labels = KeyValuePairs<String, String>

  /// The media type.
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// What has been written so far.
  private(set) var text = ""

  /// Writes a metric with a single value.
  mutating func write(
    _ kind: Kind, _ name: String, _ help: String, _ value: some PrometheusNumber,
    labels: Labels = [:]
  ) {
    write(kind, name, help) { $0.sample(value, labels: labels) }
  }

  /// Writes a metric whose samples the closure writes.
  mutating func write(
    _ kind: Kind, _ name: String, _ help: String, samples: (inout Samples) -> Void
  ) {
    text += "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(kind.rawValue)\n"
    var writer = Samples(name: name)
    samples(&writer)
    text += writer.text
  }

  /// Writes a histogram.
  mutating func write(
    _ name: String, _ help: String, _ distribution: Distribution, labels: Labels = [:]
  ) {
    write(.histogram, name, help) { samples in
      var count = 0
      for (bound, counted) in zip(distribution.bounds + [.infinity], distribution.counts) {
        count += counted
        samples.sample(count, suffix: "_bucket", labels: labels, extra: ("le", bound.prometheus))
      }
      samples.sample(distribution.sum, suffix: "_sum", labels: labels)
      samples.sample(count, suffix: "_count", labels: labels)
    }
  }

  private static func escaped(_ help: String) -> String {
    help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
  }
}

extension PrometheusText {
  /// The samples of one metric.
  struct Samples {
    fileprivate let name: String
    fileprivate var text = ""

    fileprivate init(name: String) {
      self.name = name
    }

    /// Writes one sample.
    ///
    /// - Parameters:
    ///   - suffix: What is added to the metric's name.
    ///   - extra: A label to be written after the others.
    mutating func sample(
      _ value: some PrometheusNumber, suffix: String = "", labels: Labels = [:],
      extra: (name: String, value: String)? = nil
    ) {
      var pairs = labels.map { (name: $0.key, value: $0.value) }
      if let extra { pairs.append(extra) }
      let list = pairs.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
      text += name + suffix + (list.isEmpty ? "" : "{\(list)}") + " \(value.prometheus)\n"
    }

    private static func escaped(_ value: String) -> String {
      value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        .replacing("\n", with: "\\n")
    }
  }
}

/// A number as Prometheus reads it.
protocol PrometheusNumber {
  /// The number's text.
  var prometheus: String { get }
}

extension Int: PrometheusNumber {
  var prometheus: String { String(self) }
}

extension Double: PrometheusNumber {
  var prometheus: String {
    if isNaN { return "NaN" }
    if isInfinite { return self > 0 ? "+Inf" : "-Inf" }
    return description
  }
}
