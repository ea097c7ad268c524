package import Collectives
package import Tensor

/// Runs a stage of training in a folder: checkpoints, figures, a line of progress, and the end when it is asked
/// for.
package struct StageRunner {
  /// How a stage ended.
  package enum Ending: Sendable, Hashable {
    /// All steps are made.
    case complete
    /// It was asked to stop, with a checkpoint.
    case stopped
  }

  /// The folder of the run; nil to keep nothing.
  package var run: String?
  /// Threads that compute.
  package var threads = 1
  /// The instruction set; nil for the best.
  package var instructionSet: InstructionSet?
  /// Which code multiplies matrices.
  package var backend = MatrixBackend.own
  /// Seconds from a line of progress to the next.
  package var secondsPerLine = 10.0
  /// The processes that train together, of which the first one writes and speaks.
  package var group: any ProcessGroup = SingleProcess()
  /// Receives lines of progress, and what was found amiss.
  package var say: (String) -> Void = { _ in }
  /// Whether to stop before the next step.
  package var shouldStop: () -> Bool = { false }
  private let folder: WorkFolder

  /// Names the file system.
  package init(_ folder: WorkFolder = WorkFolder()) {
    self.folder = folder
  }

  /// The kernels in use.
  func kernels() throws(TensorError) -> TrainingKernels {
    try TrainingKernels(limit: instructionSet, backend: backend)
  }

  /// Makes the steps that are left.
  ///
  /// - Returns: How it ended, and the trainer with its weights.
  func run(
    _ settings: StageSettings, _ start: TrainingRun.Start, _ objective: any TrainingObjective
  ) async throws -> (Ending, Trainer) {
    var store: CheckpointStore?
    if let run {
      if group.isFirst { try folder.make("\(run)/checkpoints") }
      store = CheckpointStore(folder: "\(run)/checkpoints", files: folder.files)
    }
    var means = try TrainingRun.Means(kernels: kernels(), threads: threads, store: store)
    means.group = group
    let work = try TrainingRun(settings, start, objective: objective, means)
    for fault in try work.resume() { say("passed over a checkpoint: \(fault)") }
    if work.step > 0 { say("going on from step \(work.step)") }
    let metrics = try (group.isFirst ? run : nil).map { folder throws(TrainingError) in
      try RunMetrics(folder: folder, files: self.folder.files, from: work.step)
    }
    var progress = Progress(first: work.step, total: settings.rate.total)
    let isComplete = try await work.run(
      shouldStop: shouldStop,
      report: { step, report in
        let seconds = progress.add(step, report)
        // Who computes for longer may keep the others waiting for longer.
        group.patience = max(group.patience, 10 * seconds)
        try metrics?.add(step, report, seconds: seconds)
        if let line = progress.line(every: secondsPerLine) { say(line) }
      })
    if let failure = work.saveFailure { say("the last checkpoint was not written: \(failure)") }
    try tellBytes(steps: work.step - progress.first)
    return (isComplete ? .complete : .stopped, work.trainer)
  }

  /// Tells what processes sent each other.
  private func tellBytes(steps: Int) throws {
    guard group.size > 1 else { return }
    let all = try group.all(String(group.sentBytes).utf8.map { $0 })
    let sum = all.reduce(0) { $0 + (Int(String(decoding: $1, as: UTF8.self)) ?? 0) }
    say("\(group.size) processes sent \(sum) bytes in \(steps) steps")
  }

  /// How far a run has come.
  private struct Progress {
    let first: Int
    let total: Int
    private let start = ContinuousClock.now
    private var last = ContinuousClock.now
    private var said = ContinuousClock.now
    private var step = 0
    private var targets = 0
    private var report: StepReport?

    init(first: Int, total: Int) {
      (self.first, self.total) = (first, total)
    }

    /// Takes a step in, and tells the seconds that it took.
    mutating func add(_ step: Int, _ report: StepReport) -> Double {
      let now = ContinuousClock.now
      defer { last = now }
      self.step = step
      self.report = report
      targets += report.kept
      return Self.seconds(now - last)
    }

    /// A line, if it is time for one.
    mutating func line(every seconds: Double) -> String? {
      let now = ContinuousClock.now
      guard let report, step == total || Self.seconds(now - said) >= seconds else { return nil }
      said = now
      let past = max(Self.seconds(now - start), 1e-9)
      let left = past / Double(max(step - first, 1)) * Double(total - step)
      let figures = report.figures.sorted { $0.key < $1.key }.map {
        "  \($0.key) \(Self.short($0.value))"
      }
      return
        "step \(step)/\(total) \(100 * step / max(total, 1)) %  loss \(Self.short(report.loss))"
        + "  rate \(report.rate)  |g| \(Self.short(report.norm))"
        + "  \(Int(Double(targets) / past)) targets/s  \(Int(left)) s left" + figures.joined()
    }

    private static func seconds(_ duration: Duration) -> Double {
      Double(duration.components.seconds) + 1e-18 * Double(duration.components.attoseconds)
    }

    private static func short(_ value: Double) -> String {
      value.isFinite && value.magnitude < 1e9 ? "\((value * 1000).rounded() / 1000)" : "\(value)"
    }
  }
}
