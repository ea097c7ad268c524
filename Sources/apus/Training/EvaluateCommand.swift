import ArgumentParser
import Foundation
import GPTModel
import JSON
import Training

/// Examines a model.
struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Have a model answer questions, and count the right answers by kind.")

  @Argument(help: "The file of questions, an object of JSON on each line.")
  var questions: String

  @OptionGroup var model: ModelOptions

  @Option(help: "Tokens of an answer at most.")
  var longest = 128

  @Flag(help: "Write JSON.")
  var json = false

  @Flag(help: "Show some answers of each kind.")
  var samples = false

  func run() async throws {
    try await training {
      let questions = try Question.read(
        WorkFolder().files.read(questions), file: questions)
      let model = try self.model.load()
      var writer = RolloutWriter()
      writer.longest = longest
      writer.threads = self.model.threads
      let scores = try await SkillScores.measure(model, questions, writer: writer)
      try show(json ? document(scores, model) : table(scores))
      guard samples else { return }
      for sample in scores.samples {
        try show("\(sample.isRight ? "right" : "wrong"): \(sample.question)\n  \(sample.answer)")
      }
    }
  }

  private func document(_ scores: SkillScores, _ model: LoadedModel) -> String {
    var json = JSONWriter()
    json.object { json in
      json.member("model", model.name)
      json.member("sha256", model.sha256)
      scores.write(to: &json)
    }
    return String(decoding: json.bytes, as: UTF8.self)
  }

  private func table(_ scores: SkillScores) -> String {
    var lines = scores.families.map { family in
      let name = family.name.padding(toLength: 16, withPad: " ", startingAt: 0)
      let (low, high) = (family.interval.lowerBound * 100, family.interval.upperBound * 100)
      let length = Double(family.tokens) / Double(max(family.questions, 1))
      return "\(name) \(family.right)/\(family.questions)  \(rounded(family.accuracy * 100, 1)) %"
        + "  (\(rounded(low, 1)) to \(rounded(high, 1)))  \(rounded(length, 1)) tokens"
    }
    lines.append("macro average \(rounded(scores.macroAverage * 100, 1)) %")
    return lines.joined(separator: "\n")
  }
}
