import GPTModel

// listing: conversation
/// A conversation that remembers what was said.
struct Conversation {
  let engine: Engine
  var messages: [ChatMessage]

  init(engine: Engine, instructions: String) {
    self.engine = engine
    messages = [ChatMessage(role: "system", content: instructions)]
  }

  /// Asks, and returns the answer.
  mutating func answer(to question: String) async throws -> String {
    messages.append(ChatMessage(role: "user", content: question))
    var sampling = SamplingParameters()
    sampling.temperature = 0.7
    sampling.seed = 42
    let request = try engine.model.request(
      for: messages, sampling: sampling, stop: StopCondition(maximumTokens: 40))
    let answer = try await answerText(engine.generate(request))
    messages.append(ChatMessage(role: "assistant", content: answer))
    return answer
  }
}
// end

// listing: cancelling
/// The text of a generation.
///
/// - Throws: What the engine throws, and `CancellationError` where the task was cancelled: the loop then
///   ends early, without `.finished`.
func answerText(_ events: GenerationStream) async throws -> String {
  var text = ""
  for try await event in events {
    switch event {
    case .prompt: break
    case .token(let token): text += token.text
    case .finished(let summary): return text + summary.text
    }
  }
  throw CancellationError()
}
// end

// listing: streaming
/// Shows an answer as it is written, and says why it ended.
func show(_ request: GenerationRequest, on engine: Engine) async throws {
  for try await event in try engine.generate(request) {
    switch event {
    case .prompt: break
    case .token(let token): print(token.text, terminator: "")
    case .finished(let summary):
      print(summary.text)
      switch summary.reason {
      case .stop, .stopString: break
      case .length: print("(cut off after \(summary.usage.completionTokens) tokens)")
      }
    }
  }
}
// end
