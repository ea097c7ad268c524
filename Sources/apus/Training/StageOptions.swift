import ArgumentParser
import Collectives
import Foundation
import Synchronization
import Tensor
import Training

extension MatrixBackend: ExpressibleByArgument {}

/// How a stage of training runs.
struct StageOptions: ParsableArguments {
  @Option(help: "Steps of the stage.")
  var steps: Int

  @Option(help: "The rate of learning at its peak.")
  var rate: Double

  @Option(help: "Steps in which the rate rises to its peak.")
  var warmup: Int?

  @Option(
    help: ArgumentHelp(
      "The folder of the run: checkpoints and figures.",
      discussion: "The same command goes on from the newest checkpoint in it."))
  var run: String?

  @Option(help: "What all random numbers are drawn from.")
  var seed: UInt64 = 1

  @Option(help: "Steps from a checkpoint to the next.")
  var checkpointSteps = 200

  @Option(help: "Threads for computing; results do not depend on it.")
  var threads: Int?

  @Option(
    help: "The instruction set: scalar, avx2, avx512 or neon; results do not depend on it.")
  var cpu: InstructionSet?

  @Option(
    help: ArgumentHelp(
      "What multiplies matrices: own or blas.",
      discussion: "With blas the same bits come from one library on one machine only."))
  var matmul = MatrixBackend.own

  @Option(
    help: ArgumentHelp(
      "Seconds that processes of one mpirun wait for each other at most.",
      discussion: "A run whose steps take longer waits for ten of its longest steps."))
  var patience = 600.0

  func validate() throws {
    try checkThreads(threads)
    if !(patience > 0) { throw ValidationError("--patience must be above 0, not \(patience).") }
    if let warmup, !(0...max(steps, 0)).contains(warmup) {
      throw ValidationError("--warmup must be from 0 to --steps, not \(warmup).")
    }
  }

  /// A stage with these options; SIGTERM and SIGINT end it with a checkpoint.
  ///
  /// - Parameter final: The part of the rate that is left at the end.
  func work(final: Double = 0.1, decay: Double = 0.25) throws -> TrainingWork {
    let group = try Processes.started.get()
    group.patience = patience
    var rate = LearningRate(
      peak: rate, warmUp: warmup ?? min(steps / 50 + 1, max(steps, 0)), total: steps)
    (rate.final, rate.decayFraction) = (final, decay)
    var work = TrainingWork(rate)
    work.stage.seed = seed
    work.stage.stepsPerCheckpoint = checkpointSteps
    work.runner.run = run
    work.runner.threads = threads ?? Processes.usualThreads(group)
    work.runner.group = group
    work.runner.instructionSet = cpu
    work.runner.backend = matmul
    work.runner.say = { if group.isFirst { printError("apus: \($0)") } }
    let end = EndRequest()
    work.runner.shouldStop = { end.isMade }
    return work
  }
}

/// Whether somebody has asked the process to end.
// Unchecked: the sources are named before anybody else sees the object.
final class EndRequest: @unchecked Sendable {
  private let flag = Atomic(false)
  private var sources: [any DispatchSourceSignal] = []

  /// Begins to listen to SIGTERM and SIGINT, which then end nothing by themselves.
  init() {
    for number in [SIGTERM, SIGINT] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in self?.make() }
      source.activate()
      sources.append(source)
    }
  }

  /// Whether it was asked for.
  var isMade: Bool { flag.load(ordering: .relaxed) }

  private func make() { flag.store(true, ordering: .relaxed) }
}

/// Runs `body`; what is wrong with data or settings ends the command, and all processes of its run, with one line and
/// exit code 65.
func training<Result>(_ body: () async throws -> Result) async throws -> Result {
  do {
    let result = try await body()
    Processes.end()
    return result
  } catch let error as TrainingError {
    Processes.fail("\(error)")
    throw ExitCode(65)
  } catch let error as ProcessGroupError {
    Processes.fail("\(error)")
    throw ExitCode(65)
  } catch let error as ExitCode {
    // All processes stop alike; another code is one process's own.
    if error == .stopped { Processes.end(error.rawValue) } else { Processes.abort(error.rawValue) }
    throw error
  } catch {
    Processes.abort(1)
    throw error
  }
}

extension ExitCode {
  /// A run has stopped before its end, and goes on another time.
  fileprivate static let stopped = ExitCode(75)
}

/// Reads a model to be trained.
func trainableModel(_ path: String?) throws -> TrainableModel {
  let path = try ModelLocation(path: path).path
  return try readingModel(path) { try TrainableModel(path: path) }
}

/// Says that a stage has stopped before its end, which is no fault.
func note(_ ending: StageRunner.Ending, _ run: String?) throws {
  guard ending == .stopped else { return }
  if Processes.isFirst {
    printError(
      "apus: stopped before the end"
        + (run == nil ? "" : "; the same command goes on from the checkpoint"))
  }
  throw ExitCode.stopped
}
