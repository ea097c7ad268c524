import ArgumentParser
import GPTModel

/// Talks with the model in the terminal.
struct Chat: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Talk with the model in the terminal; /help tells the commands, Ctrl-D ends.",
    discussion: """
      Where standard input is no terminal, each of its lines is a message, empty ones aside, and \
      nothing but answers is written to standard output.
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var sampling: SamplingOptions

  @Option(help: "What the model is told before the conversation.")
  var system: String?

  @Option(help: "The context length in tokens; the model's own by default.")
  var context: Int?

  @Flag(
    help: ArgumentHelp(
      "Do not keep what is typed for the next time.",
      discussion: "It is kept in $XDG_STATE_HOME/apus, else in ~/.local/state/apus."))
  var noHistory = false

  func validate() throws {
    if let context, context < 2 { throw ValidationError("--context must be 2 or more.") }
  }

  func run() async throws {
    var configuration = model.engineConfiguration
    configuration.contextLength = context
    let engine = try Engine(model: model.load(), configuration: configuration)
    guard engine.model.chatTemplate != nil else {
      let reason = engine.model.chatTemplateError?.description ?? "the model has no chat template"
      printError("apus: \(reason); apus generate continues texts without one")
      throw ExitCode(65)
    }
    var session = ChatSession(
      engine: engine, system: system, sampling: sampling, isInteractive: ChatInputSource.isTyped)
    try await session.run(ChatInputSource.open(keepsHistory: !noHistory))
  }
}
