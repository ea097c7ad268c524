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

  @Option(help: "An adapter of low rank (LoRA) for the model: a folder of PEFT's or a GGUF file.")
  var adapter: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Read the names of control tokens, such as <|im_end|>, as those tokens.")
  var parseSpecial = true

  @Argument(help: "The text to continue; - or none reads standard input.")
  var prompt: String?

  func run() async throws {
    let text = try InputText.read(argument: prompt)
    let loaded = try model.load()
    var configuration = model.engineConfiguration
    configuration.adapters = try adapter.map { [try LoadedAdapter(path: $0, for: loaded)] } ?? []
    let engine = try Engine(model: loaded, configuration: configuration)
    var request = GenerationRequest(
      prompt: engine.model.tokenizer.encode(
        [PromptSegment(text, from: parseSpecial ? .template : .content)], addsBeginning: false),
      sampling: sampling.parameters(for: engine.model),
      stop: sampling.stop)
    request.adapter = engine.adapters.first
    request.constraint = try await form.constraint(for: engine.model)
    _ = try await stream(request, on: engine)
  }
}
