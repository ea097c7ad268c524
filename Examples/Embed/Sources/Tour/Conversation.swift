import GPTModel

// listing: conversation
/// A conversation that remembers what was said.
struct Conversation {
  let engine: Engine
  var messages: [ChatMessage]

  init(engine: Engine, instructions: String) {
    self.engine = engine
    messages = [.system(instructions)]
  }

  /// Asks, and returns the answer.
  mutating func answer(to question: String) async throws -> String {
    messages.append(.user(question))
    var sampling = SamplingParameters()
    sampling.temperature = 0.7
    sampling.seed = 42
    let request = try engine.model.request(
      for: messages, sampling: sampling, stop: StopCondition(maximumTokens: 40))
    let answer = try await answerText(engine.generate(request))
    messages.append(.assistant(answer))
    return answer
  }
}
// end

// listing: cancelling
/// The text of a generation.
///
/// - Throws: What the engine throws, and `CancellationError` where the task was cancelled.
func answerText(_ events: GenerationStream) async throws -> String {
  var text = ""
  for try await event in events {
    switch event {
    case .token(let token): text += token.text
    case .finished(let summary): text += summary.text
    default: break
    }
  }
  return text
}
// end

// listing: streaming
/// Shows an answer as it is written, and says why it ended.
func show(_ request: GenerationRequest, on engine: Engine) async throws {
  for try await event in try engine.generate(request) {
    switch event {
    case .token(let token): print(token.text, terminator: "")
    case .finished(let summary):
      print(summary.text)
      if summary.reason == .length {
        print("(cut off after \(summary.usage.completionTokens) tokens)")
      }
    default: break
    }
  }
}
// end
