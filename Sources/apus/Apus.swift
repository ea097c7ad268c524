import ArgumentParser
import Foundation

/// The command: one subcommand for each thing a person does with a model.
@main
struct Apus: AsyncParsableCommand {
  /// The version of the program, as the changelog counts.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "apus",
    abstract: "Runs language models on CPUs: a server, a chat, and the tools around them.",
    version: "apus \(version)",
    subcommands: [
      Serve.self, Chat.self, Generate.self, Models.self, Inspect.self, Check.self, Tokenize.self,
      PerplexityCommand.self, Bench.self, DoctorCommand.self, Load.self,
      CorpusCommand.self, TrainCommand.self, TuneCommand.self, AlignCommand.self,
      EvaluateCommand.self, ExportCommand.self, ReportCommand.self,
    ])

  /// Runs a subcommand; settings of the server may stand in other places than the command line too.
  static func main() async {
    var arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.first == Serve._commandName {
      do {
        let settings = try ServeSettings(
          Array(arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
        settings.warn()
        arguments = [Serve._commandName] + settings.arguments
      } catch {
        end(with: error, of: Serve.self)
      }
    }
    do {
      var command = try parseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      end(with: error, of: Apus.self)
    }
  }

  /// Says why a command ended, and exits with the code for that.
  private static func end(with error: any Error, of command: any ParsableCommand.Type) -> Never {
    if let failure = error as? OutputFailure { end(with: failure) }
    let code = command.exitCode(for: error)
    let message = command.fullMessage(for: error)
    if code.isSuccess {
      do {
        if !message.isEmpty { try show(message) }
      } catch {
        end(with: error)
      }
    } else if !message.isEmpty {
      printError(message)
    }
    Foundation.exit(code.rawValue)
  }

  /// Ends as programs do whose reader has left, or says what the matter is.
  private static func end(with failure: OutputFailure) -> Never {
    if failure.isReaderGone {
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    printError("apus: \(failure)")
    Foundation.exit(OutputFailure.exitCode)
  }
}
