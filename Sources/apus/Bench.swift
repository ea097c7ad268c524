import ArgumentParser
import Foundation
import GPTModel
import Tensor

/// Measures speed.
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how fast prompts are read and answers written.")

  @OptionGroup var model: ModelOptions

  @Option(help: "Tokens of the prompt to read; 0 leaves this out.")
  var prompt = 512

  @Option(help: "Tokens to generate; 0 leaves this out.")
  var generate = 128

  @Option(help: "Conversations to write side by side; their tokens are counted together.")
  var conversations = 1

  @Option(help: "How often each is measured.")
  var repetitions = 5

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  func validate() throws {
    guard (0...1_000_000).contains(prompt), (0...1_000_000).contains(generate),
      (1...1000).contains(repetitions), (1...256).contains(conversations)
    else {
      throw ValidationError(
        "--prompt and --generate must be from 0 to 1000000, --repetitions from 1 to 1000,"
          + " --conversations from 1 to 256.")
    }
  }

  func run() async throws {
    var settings = model.engineConfiguration
    settings.runningSequences = max(settings.runningSequences, conversations)
    let engine = try Engine(model: model.load(), configuration: settings)
    let results = try await Benchmark(
      prompt: prompt, generate: generate, conversations: conversations, repetitions: repetitions
    ).run(on: engine)
    json ? try printJSON(results, engine) : printTable(results, engine)
  }

  private func printTable(_ results: [Benchmark.Result], _ engine: Engine) {
    let compute = engine.compute
    print(
      "\(engine.model.name), \(compute.pool.threads) threads,"
        + " \(compute.processor.instructionSet.rawValue), \(engine.cacheFormat.rawValue) cache\n")
    print("| test | tokens/s | lowest | highest |\n|---|---:|---:|---:|")
    for result in results {
      let figures = [result.tokensPerSecond, result.samples.min() ?? 0, result.samples.max() ?? 0]
      print("| \(result.test) | \(figures.map { rounded($0, 1) }.joined(separator: " | ")) |")
    }
  }

  private func printJSON(_ results: [Benchmark.Result], _ engine: Engine) throws {
    struct Row: Encodable {
      let test: String
      let tokensPerSecond: Double
      let samples: [Double]
    }
    struct Report: Encodable {
      let model: String
      let threads: Int
      let instructionSet: String
      let cacheFormat: String
      let results: [Row]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let report = Report(
      model: engine.model.name, threads: engine.compute.pool.threads,
      instructionSet: engine.compute.processor.instructionSet.rawValue,
      cacheFormat: engine.cacheFormat.rawValue,
      results: results.map {
        Row(test: $0.test, tokensPerSecond: $0.tokensPerSecond, samples: $0.samples)
      })
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
  }
}
