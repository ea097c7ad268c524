import GPTModel

// listing: several
/// Asks two models the same, side by side; each engine has threads and a cache of its own.
func compare(_ question: String, _ first: Engine, _ second: Engine) async throws -> [String] {
  let messages = [ChatMessage(role: "user", content: question)]
  let stop = StopCondition(maximumTokens: 10)
  async let one = answerText(first.generate(first.model.request(for: messages, stop: stop)))
  async let other = answerText(second.generate(second.model.request(for: messages, stop: stop)))
  return try await [one, other]
}
// end

// listing: many
/// Answers many prompts, as many at a time as the engine computes side by side.
func answers(to prompts: [String], on engine: Engine, atATime: Int) async throws -> [String] {
  try await withThrowingTaskGroup(of: (Int, String).self) { group in
    var answers = prompts
    for (index, prompt) in prompts.enumerated() {
      if index >= atATime, let (done, text) = try await group.next() { answers[done] = text }
      let tokens = engine.model.tokenizer.encode([PromptSegment(prompt, from: .content)])
      let request = GenerationRequest(prompt: tokens, stop: StopCondition(maximumTokens: 5))
      group.addTask { (index, try await answerText(engine.generate(request))) }
    }
    for try await (done, text) in group { answers[done] = text }
    return answers
  }
}
// end
