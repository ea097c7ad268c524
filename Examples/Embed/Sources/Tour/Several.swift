import GPTModel

// listing: several
/// Asks two models the same, side by side.
func compare(_ question: String, _ first: Engine, _ second: Engine) async throws -> [String] {
  @Sendable func ask(_ engine: Engine) async throws -> String {
    let request = try engine.model.request(
      for: [.user(question)], sampling: .greedy, stop: StopCondition(maximumTokens: 10))
    return try await answerText(engine.submit(request))
  }
  async let one = ask(first)
  async let other = ask(second)
  return try await [one, other]
}
// end

// listing: many
/// Answers many prompts, however many they are.
func answers(to prompts: [String], on engine: Engine) async throws -> [String] {
  try await withThrowingTaskGroup(of: (Int, String).self) { group in
    var answers = prompts
    for (index, prompt) in prompts.enumerated() {
      let tokens = engine.model.tokenizer.encode([PromptSegment(prompt, from: .content)])
      let request = GenerationRequest(prompt: tokens, stop: StopCondition(maximumTokens: 5))
      group.addTask { (index, try await answerText(engine.submit(request))) }
    }
    for try await (done, text) in group { answers[done] = text }
    return answers
  }
}
// end
