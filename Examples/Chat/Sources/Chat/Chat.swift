// A conversation that remembers, piece by piece; kept as JSON and taken up again; two ways on
// from one point.
// Expected: the second answer has "Ada" in it (the test model manages this greedily; otherwise
// the check is only that the prompt of the second turn counts more tokens than the first, with
// cachedTokenCount > 0); the restored session answers the same text as the fork; `deltas`
// joined are the content of the response in the transcript.
import ApusKit
import Foundation

@main struct Chat {
  static func main() async throws {
    let model = try await ApusLanguageModel.load(
      ProcessInfo.processInfo.environment["APUS_MODEL"] ?? "Weights/SmolLM2-135M-Instruct.Q4_1.gguf"
    )
    let options = GenerationOptions(samplingMode: .greedy, maximumResponseTokens: 40)
    let session = LanguageModelSession(model: model, instructions: "You are brief and friendly.")

    var said = ""
    for try await piece in session.streamResponse(to: "My name is Ada.", options: options).deltas {
      print(piece, terminator: "")
      said += piece
    }
    print()
    guard case .response(let first)? = session.transcript.last,
      case .text(let text)? = first.segments.first,
      text.content == said
    else { fatalError("the transcript has another text than the stream") }

    let saved = try JSONEncoder().encode(session.transcript)
    let fork = session.fork()
    let one = try await fork.respond(to: "What is my name?", options: options)
    print(one.content, one.usage.input.cachedTokenCount, "tokens were known")
    precondition(one.usage.input.cachedTokenCount > 0)

    let transcript = try JSONDecoder().decode(Transcript.self, from: saved)
    let restored = LanguageModelSession(model: model, transcript: transcript)
    let other = try await restored.respond(to: "What is my name?", options: options)
    precondition(one.content == other.content, "a restored session is another")
    precondition(session.transcript.count == 3 && fork.transcript.count == 5)
    await model.shutDown()
  }
}
