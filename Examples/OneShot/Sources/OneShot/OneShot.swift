// Loading with progress and limits, one answer, what it cost, the end.
// Expected: progress rises to 100 % and never falls; one answer; `finish` is stop or length and
// tokens <= 60; the same line of answer on every run, because it is greedy; exit status 0
// within 30 s; no thread is left.
// Needs: products ApusKit. Model: APUS_MODEL, or Weights/SmolLM2-135M-Instruct.Q4_1.gguf.
import ApusKit
import Foundation

@main struct OneShot {
  static func main() async throws {
    let path =
      ProcessInfo.processInfo.environment["APUS_MODEL"] ?? "Weights/SmolLM2-135M-Instruct.Q4_1.gguf"
    var configuration = ApusLanguageModel.Configuration()
    configuration.memory = 1 << 30
    configuration.threads = 2
    let model = try await ApusLanguageModel.load(path, configuration: configuration) { progress in
      print("\(Int(progress.fraction * 100)) %")
    }

    let session = LanguageModelSession(model: model)
    let response = try await session.respond(
      to: "Why is the sky blue?",
      options: GenerationOptions(samplingMode: .greedy, maximumResponseTokens: 60))
    print(response.content)
    print(
      response.usage.output.totalTokenCount, "tokens,", response.report!.finish,
      response.report!.fingerprint)

    do {
      var tooLittle = configuration
      tooLittle.memory = 1 << 20
      _ = try await ApusLanguageModel.load(path, configuration: tooLittle)
      fatalError("a megabyte was enough")
    } catch let error as ApusError where error.kind == .memory {
      // Tells what is needed and what is allowed, before the weights were read.
      print("refused:", error)
    }
    await model.shutDown()
  }
}
