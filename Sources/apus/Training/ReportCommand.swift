import ArgumentParser
import LoadGenerator
import Training

/// Draws the figures of a run.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Draw the figures of runs of training on one page of HTML that needs nothing else.")

  @Argument(help: "Folders of runs.")
  var runs: [String]

  @Option(name: [.short, .long], help: "The page to write.")
  var output = "report.html"

  func run() async throws {
    try await training {
      let files = WorkFolder().files
      var page = CurvePage(title: "Training")
      for run in runs {
        let path = "\(run)/\(RunMetrics.name)"
        for curve in try RunMetrics.curves(files.read(path), file: path) {
          page.add(
            "\(curve.name) of \(run)", xLabel: "step",
            points: curve.points.map { ($0.step, $0.value) })
        }
      }
      try files.write(Array(page.html.utf8), to: output)
    }
  }
}
