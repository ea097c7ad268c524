import ArgumentParser
import GPTModel

/// Continues one text, without a chat template.
struct Generate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Continue a text, as it is, without a chat template.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var sampling: SamplingOptions

  @Argument(help: "The text to continue; - or none reads standard input.")
  var prompt: String?

  func run() async throws {
    let text = try InputText.read(argument: prompt)
    let engine = try Engine(model: model.load(), configuration: model.engineConfiguration)
    let request = GenerationRequest(
      prompt: engine.model.tokenizer.encode(text),
      sampling: sampling.parameters(for: engine.model),
      stop: sampling.stop)
    _ = try await stream(request, on: engine)
  }
}
