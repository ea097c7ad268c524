import ApusKit

let model = try await ApusLanguageModel.load("Weights/SmolLM2-135M-Instruct.Q4_1.gguf")
let session = LanguageModelSession(model: model, instructions: "You are brief.")
for try await piece in session.streamResponse(to: "Why is the sky blue?").deltas {
  print(piece, terminator: "")
}
