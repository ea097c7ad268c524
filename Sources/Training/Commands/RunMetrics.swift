import JSON

/// The figures of a run, a line of JSON for each step.
package struct RunMetrics {
  /// The name of the file in the folder of a run.
  package static let name = "metrics.jsonl"

  private let path: String
  private let files: any CheckpointFiles

  /// Opens the figures of a run, and forgets those of steps that are made again.
  init(folder: String, files: any CheckpointFiles, from step: Int) throws(TrainingError) {
    self.files = files
    path = "\(folder)/\(Self.name)"
    guard try files.names(in: folder).contains(Self.name) else { return }
    let bytes = try files.read(path)
    var kept: [[UInt8]] = []
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let value = try? JSONValue(parsing: Array(line)), case .object(let object) = value,
        case .integer(let number)? = object["step"], number <= step
      else { continue }
      kept.append(Array(line))
    }
    try files.write(kept.file, to: path)
  }

  /// Writes the figures of a step.
  func add(_ step: Int, _ report: StepReport, seconds: Double) throws(TrainingError) {
    var json = JSONWriter()
    json.object { json in
      json.member("step", step)
      json.member("loss") { $0.value(report.loss) }
      json.member("norm") { $0.value(report.norm) }
      json.member("rate") { $0.value(report.rate) }
      json.member("targets", report.kept)
      json.member("skipped") { $0.value(report.isSkipped) }
      json.member("seconds") { $0.value(seconds) }
      for (name, value) in report.figures.sorted(by: { $0.key < $1.key }) {
        json.member(name) { $0.value(value) }
      }
    }
    try files.append([json.bytes].file, to: path)
  }

  /// The curves of a file of figures, by name: step and value of each point.
  package static func curves(
    _ bytes: [UInt8], file: String
  ) throws(TrainingError) -> [(name: String, points: [(step: Double, value: Double)])] {
    var curves: [(name: String, points: [(step: Double, value: Double)])] = []
    try JSONLines.forEach(in: bytes, file: file) { object, place throws(TrainingError) in
      guard case .integer(let step)? = object["step"] else {
        throw TrainingError(.data, field: place, "no step")
      }
      for member in object.members where member.name != "step" {
        let value: Double
        switch member.value {
        case .integer(let number): value = Double(number)
        case .number(let number): value = number
        default: continue
        }
        if let place = curves.firstIndex(where: { $0.name == member.name }) {
          curves[place].points.append((Double(step), value))
        } else {
          curves.append((member.name, [(Double(step), value)]))
        }
      }
    }
    guard !curves.isEmpty else { throw TrainingError(.data, field: file, "there is no step") }
    return curves
  }
}
