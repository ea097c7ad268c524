public import ArgumentParser
import Foundation
import GPTModel
import ModelFiles
public import Tensor

extension InstructionSet: ExpressibleByArgument {}
extension CacheFormat: ExpressibleByArgument {}
extension Speculation: ExpressibleByArgument {}

/// Which model to run, and on what.
struct ModelOptions: ParsableArguments {
  @Option(
    help: "The GGUF file, the folder, or the name in Weights/ of a model; by default the one there."
  )
  var model: String?

  @Option(help: "Threads for computing; by default all that this process may use.")
  var threads: Int?

  @Option(
    help: "The instruction set: scalar, avx2, avx512 or neon; by default the best supported one.")
  var cpu: InstructionSet?

  @Option(
    help: ArgumentHelp(
      "The format of the KV cache: bf16, int8 in about half the memory, or f32 in twice as much.",
      discussion: "By default f32 where all weights are F32, else bf16."))
  var kv: CacheFormat?

  @Option(
    help: ArgumentHelp(
      "The chat template: a file, or the name of one in the model's files or of a family.",
      discussion:
        "In place of that in the files, for all conversations. The families are"
        + " \(ChatTemplateChoice.families.joined(separator: ", ")).", valueName: "file-or-name"))
  var chatTemplate: String?

  @Option(
    help: ArgumentHelp(
      "How tokens of answers are drafted: off, or ngram to look them up in the prompt and the answer.",
      discussion: "Answers stay the same, to the bit."))
  var speculation = Speculation.off

  func validate() throws {
    try checkThreads(threads)
  }

  /// Settings of an engine that follow from these options.
  var engineConfiguration: EngineConfiguration {
    var configuration = EngineConfiguration()
    configuration.threads = threads
    configuration.instructionSet = cpu
    configuration.cacheFormat = kv
    configuration.onWarning = { printError("apus: warning: \($0)") }
    configuration.speculation = speculation
    return configuration
  }

  /// Loads the model, with a progress bar where somebody watches.
  ///
  /// - Parameters:
  ///   - name: The name that clients use; nil for the model's own.
  ///   - sampling: How tokens are chosen where a request does not say it; what is left open the
  ///     manifest and the files say.
  func load(
    name: String? = nil, sampling: SamplingDefaults = SamplingDefaults()
  ) throws -> LoadedModel {
    let location = try ModelLocation(path: model)
    let bar = ProgressBar("Loading \(location.name ?? location.path)")
    defer { bar.finish() }
    var options = LoadedModel.LoadingOptions()
    options.name = name ?? location.name
    options.sha256 = location.sha256
    options.sampling = sampling.completed(by: location.sampling)
    options.threads = threads
    options.instructionSet = cpu
    options.chatTemplate = try chatTemplate.map(Self.template)
    options.progress = { progress in
      bar.show(Double(progress.bytes) / Double(max(1, progress.totalBytes)))
    }
    let model = try readingModel(location.path) {
      try LoadedModel.read(path: location.path, options: options)
    }
    bar.finish()
    for warning in model.warnings { printError("apus: warning: \(warning)") }
    return model
  }

  /// The template of a file; of what is no file, the one of that name.
  private static func template(_ text: String) throws -> ChatTemplateChoice {
    guard FileManager.default.fileExists(atPath: text) else {
      guard !text.contains("/") else { throw ValidationError("There is no file \(text).") }
      return .named(text)
    }
    guard let source = try? String(contentsOfFile: text, encoding: .utf8) else {
      throw ValidationError("\(text) cannot be read as text; name a file with a Jinja template.")
    }
    return .source(source)
  }
}

/// Throws where so many threads cannot be asked for; nil leaves it open.
func checkThreads(_ threads: Int?) throws {
  if let threads, !(1...1024).contains(threads) {
    throw ValidationError("--threads must be from 1 to 1024, not \(threads).")
  }
}

/// Runs `body`; a fault of the model file ends the command with one line and exit code 65.
func readingModel<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as ModelError {
    printError("apus: \(path): \(error)")
    throw ExitCode(65)
  }
}
