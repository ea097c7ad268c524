import ArgumentParser
import Evaluation
import GPTModel

/// Examines the machine.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Examine this machine: what it is, what it gives, and what makes a model slow on it.",
    discussion: """
      Measures for a few seconds how fast memory is read and weights are multiplied, and then a \
      model beside what these two allow. Without a model, the machine alone is examined. Ends with \
      exit code 0, or with 1 where something costs more than a fifth of the speed.
      """)

  @OptionGroup var model: ModelOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let loaded = try hasModel ? model.load() : nil
    let bar = ProgressBar("Examining")
    let stages = Doctor.Stage.allCases
    let diagnosis: Diagnosis
    do {
      defer { bar.finish() }
      diagnosis = try Doctor(configuration: model.engineConfiguration).examine(loaded) { stage in
        let index = stages.firstIndex(of: stage) ?? 0
        bar.show(Double(index) / Double(stages.count), note: stage.rawValue)
      }
    }
    try show(json ? DoctorReport.json(diagnosis) : DoctorReport.text(diagnosis))
    if !diagnosis.isHealthy { throw ExitCode(1) }
  }

  /// Whether a model was named, or the default one is there.
  private var hasModel: Bool { model.model != nil || (try? ModelLocation(path: nil)) != nil }
}
