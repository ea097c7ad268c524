import GPTModel

/// Runs each listing of Documentation/Embedding.md, and fails where one does not do what the page says.
@main
struct Tour {
  /// What a listing did not do.
  struct Unexpected: Error {
    let what: String
  }

  static func main() async throws {
    let model = try await loadModel("Weights/SmolLM2-135M-Instruct.Q4_1.gguf")
    print()
    let engine = try makeEngine(model)
    try expect(engine.cacheBytes <= 64 << 20, "the cache is bounded")
    try await converse(engine)
    try await cancel(engine)

    let mood = try await mood(of: "I won the lottery!", on: engine)
    print(mood)
    try expect(["glad", "sad"].contains(mood), "an answer keeps to its constraint")

    let second = try Engine(model: model, compute: engine.compute)
    let both = try await compare("What is two and two?", engine, second)
    try expect(both[0] == both[1], "equal requests have equal answers")

    let prompts = (1...300).map { "The number \($0) is" }
    let texts = try await answers(to: prompts, on: engine)
    try expect(texts.count == 300 && !texts.contains(""), "each prompt has an answer")

    await second.drain()
    let cut = await engine.drain(within: .seconds(30))
    try expect(cut == 0, "all answers have ended")
  }

  private static func converse(_ engine: Engine) async throws {
    var conversation = Conversation(engine: engine, instructions: "Answer in one sentence.")
    let answer = try await conversation.answer(to: "Why is the sky blue?")
    print(answer)
    try expect(!answer.isEmpty && conversation.messages.count == 3, "an answer is remembered")

    let haiku = ChatMessage.user("Write a haiku about rain.")
    let request = try engine.model.request(for: [haiku], stop: StopCondition(maximumTokens: 20))
    try await show(request, on: engine)
  }

  private static func cancel(_ engine: Engine) async throws {
    let story = ChatMessage.user("Tell me a story without an end.")
    var stop = StopCondition(maximumTokens: 1500)
    stop.minimumTokens = 1500
    let request = try engine.model.request(for: [story], stop: stop)
    let task = Task { try await answerText(engine.generate(request)) }
    task.cancel()
    do {
      _ = try await task.value
      throw Unexpected(what: "a cancelled task throws")
    } catch is CancellationError {
      print("(cancelled)")
    }
  }

  private static func expect(_ condition: Bool, _ what: String) throws {
    if !condition { throw Unexpected(what: what) }
  }
}
