import ArgumentParser
import GPTModel
import Tokenizers

/// Continues one text, without a chat template.
struct Generate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Continue a text, as it is, without a chat template.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var sampling: SamplingOptions
  @OptionGroup var form: AnswerFormOptions

  @Flag(
    inversion: .prefixedNo,
    help: "Read the names of control tokens, such as <|im_end|>, as those tokens.")
  var parseSpecial = true

  @Argument(help: "The text to continue; - or none reads standard input.")
  var prompt: String?

  func run() async throws {
    let text = try InputText.read(argument: prompt)
    let engine = try Engine(model: model.load(), configuration: model.engineConfiguration)
    var request = GenerationRequest(
      prompt: engine.model.tokenizer.encode(
        [PromptSegment(text, from: parseSpecial ? .template : .content)], addsBeginning: false),
      sampling: sampling.parameters(for: engine.model),
      stop: sampling.stop)
    request.constraint = try await form.constraint(for: engine.model)
    _ = try await stream(request, on: engine)
  }
}
