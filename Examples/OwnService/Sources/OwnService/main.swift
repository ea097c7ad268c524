import GPTModel

// listing: main
let path = CommandLine.arguments.dropFirst().first ?? "Weights/SmolLM2-135M-Instruct.Q4_1.gguf"
let engine = try Engine(model: await LoadedModel.load(path: path))
let services = makeServices(engine: engine, port: 8080) { port in
  print("http://127.0.0.1:\(port)/llm/v1/chat/completions")
}
try await services.run()
// end
