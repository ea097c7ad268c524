import ArgumentParser
import ChatTemplates
import Foundation
import GPTModel

/// Talks with the model in the terminal.
struct Chat: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Talk with the model in the terminal; an empty line or Ctrl-D ends.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var sampling: SamplingOptions

  @Option(help: "What the model is told before the conversation.")
  var system: String?

  func run() async throws {
    let engine = try Engine(model: model.load(), configuration: model.engineConfiguration)
    var messages = system.map { [ChatMessage(role: "system", content: $0)] } ?? []
    while true {
      try showNow("> ")
      guard let line = readLine(), !line.isEmpty else { break }
      messages.append(ChatMessage(role: "user", content: line))
      let request = try engine.model.request(
        for: messages, sampling: sampling.parameters(for: engine.model), stop: sampling.stop,
        now: TemplateDate(unixSeconds: Int(Date().timeIntervalSince1970)))
      do {
        let answer = try await stream(request, on: engine)
        messages.append(ChatMessage(role: "assistant", content: answer))
      } catch let error as EngineError {
        printError("apus: \(error)")
        messages.removeLast()
      }
    }
  }
}
