import GPTModel

let model = try LoadedModel.load(path: "Weights/SmolLM2-135M-Instruct.Q4_1.gguf")
let engine = try Engine(model: model)
let question = ChatMessage(role: "user", content: "Why is the sky blue?")
let request = try model.request(for: [question], stop: StopCondition(maximumTokens: 100))
for try await event in try engine.generate(request) {
  switch event {
  case .prompt: break
  case .token(let token): print(token.text, terminator: "")
  case .finished(let summary): print(summary.text)
  }
}
