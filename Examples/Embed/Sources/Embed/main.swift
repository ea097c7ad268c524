import GPTModel

let model = try await LoadedModel.load(path: "Weights/SmolLM2-135M-Instruct.Q4_1.gguf")
let engine = try Engine(model: model)
let request = try model.request(
  for: [.user("Why is the sky blue?")], stop: StopCondition(maximumTokens: 100))
for try await event in try engine.generate(request) {
  switch event {
  case .token(let token): print(token.text, terminator: "")
  case .finished(let summary): print(summary.text)
  default: break
  }
}
