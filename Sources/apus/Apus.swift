import ArgumentParser
import Foundation

/// The command: one subcommand for each thing a person does with a model.
@main
struct Apus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apus",
    abstract: "Runs language models on CPUs: a server, a chat, and the tools around them.",
    subcommands: [
      Serve.self, Chat.self, Generate.self, Models.self, Inspect.self, Check.self, Tokenize.self,
      PerplexityCommand.self, Bench.self, DoctorCommand.self, Load.self,
    ])

  /// Runs a subcommand; settings of the server may stand in other places than the command line too.
  static func main() async {
    var arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.first == Serve._commandName {
      do {
        let settings = try ServeSettings(
          Array(arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
        arguments = [Serve._commandName] + settings.arguments
      } catch {
        Serve.exit(withError: error)
      }
    }
    await main(arguments)
  }
}
