/// Something that is measured: what it is called, what it means, and where its value is.
///
/// Whatever tells metrics, in whichever form, walks a list of these.
package struct Metric<Source>: Sendable {
  /// How the value develops.
  package enum Kind: String, Sendable {
    case counter, gauge, histogram, summary
  }

  /// What the value counts.
  package enum Unit: String, Sendable {
    case requests, tokens, seconds, bytes, lines, files, periods, times, connections
    /// An amount in the currency that a label names.
    case money
    /// A part of one.
    case share
    /// Nothing; the labels tell all.
    case none
  }

  /// Finds the value; nil where there is none on this machine.
  package typealias Read = @Sendable (Source) -> MetricReading?

  /// The name, without what stands before all names of a program.
  package let name: String
  /// How the value develops.
  package let kind: Kind
  /// What the value counts.
  package let unit: Unit
  /// What it means, in a sentence.
  package let help: String
  /// Finds the value.
  package let read: Read
  /// Where one request's part of the value is; nil where requests have no part of their own.
  package private(set) var ofRequest: (@Sendable (GenerationTimes) -> Double)?

  /// Describes a metric.
  package init(_ name: String, _ kind: Kind, _ unit: Unit, _ help: String, read: @escaping Read) {
    self.name = name
    self.kind = kind
    self.unit = unit
    self.help = help
    self.read = read
  }

  /// The metric with the place of one request's part of its value.
  package func perRequest(_ part: @escaping @Sendable (GenerationTimes) -> Double) -> Metric {
    var metric = self
    metric.ofRequest = part
    return metric
  }
}

/// The value of a metric.
package enum MetricReading: Sendable, Hashable {
  /// A whole number.
  case integer(Int)
  /// Any number.
  case real(Double)
  /// How often which values came.
  case distribution(Distribution)
  /// Several numbers, told apart by labels.
  case samples([MetricSample])
}

/// One of several numbers of a metric.
package struct MetricSample: Sendable, Hashable {
  /// A name and value that tell the number from others.
  package struct Label: Sendable, Hashable {
    /// The label's name.
    package let name: String
    /// The label's value.
    package let value: String

    /// Makes a label.
    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A number of a metric.
  package enum Number: Sendable, Hashable {
    case integer(Int)
    case real(Double)
  }

  /// What is added to the metric's name.
  package let suffix: String
  /// What tells the number from others.
  package let labels: [Label]
  /// The number.
  package let number: Number

  /// Makes a sample.
  package init(
    _ number: Number, labels: KeyValuePairs<String, String>, suffix: String = ""
  ) {
    self.suffix = suffix
    self.labels = labels.map { Label(name: $0.key, value: $0.value) }
    self.number = number
  }
}
