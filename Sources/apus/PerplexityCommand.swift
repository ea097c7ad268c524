import ArgumentParser
import Evaluation
import Foundation
import GPTModel

/// Measures how well a model predicts a text.
struct PerplexityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "perplexity",
    abstract: "Measure how well the model predicts a text: the second half of each window.")

  @OptionGroup var model: ModelOptions

  @Option(help: "The text file, UTF-8.")
  var file: String

  @Option(help: "Tokens of a window.")
  var context = 512

  @Option(help: "Windows to measure; all that the text fills if left out.")
  var chunks: Int?

  func validate() throws {
    guard (4...1_048_576).contains(context) else {
      throw ValidationError("--context must be from 4 to 1048576, not \(context).")
    }
    if let chunks, chunks < 1 { throw ValidationError("--chunks must be 1 or more.") }
  }

  func run() throws {
    let text = try InputText.read(file: file)
    let model = try model.load()
    let result = try Perplexity.measure(
      text: model.tokenizer.encode(text), model: model, window: context, chunks: chunks,
      configuration: self.model.engineConfiguration
    ) { done, total, result in
      try show("[\(done)/\(total)] \(rounded(result.value, 4))")
    }
    try show(
      "Perplexity: \(rounded(result.value, 4)) ± \(rounded(result.standardError, 4))"
        + " (\(result.tokens) tokens, mean NLL"
        + " \(rounded(result.meanNegativeLogLikelihood, 5)))")
  }
}

/// A number with a fixed count of digits after the point.
func rounded(_ value: Double, _ digits: Int) -> String {
  String(format: "%.\(digits)f", value)
}
