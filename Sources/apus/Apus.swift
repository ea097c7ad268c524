import ArgumentParser

/// The command: one subcommand for each thing a person does with a model.
@main
struct Apus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apus",
    abstract: "Runs language models on CPUs: a server, a chat, and the tools around them.",
    subcommands: [
      Serve.self, Chat.self, Generate.self, Inspect.self, Check.self, Tokenize.self,
      PerplexityCommand.self, Bench.self, DoctorCommand.self, Load.self,
    ])
}
