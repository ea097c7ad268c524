import Foundation
import GPTModel
import Testing

@testable import InferenceServer

/// How clients name adapters.
@Suite("Adapters by name")
struct AdapterNameTests {
  private static let model: ServedModel = {
    var model = ServedModel(
      name: "org/tiny", fingerprint: "fp_0", contextLength: 10, vocabularySize: 2, created: 1)
    model.aliases = ["tiny.gguf"]
    model.adapters = ["poet", "org/tiny:poet"]
    return model
  }()

  @Test(
    "An adapter goes by its own name, and by that behind one of the model's",
    arguments: [
      ("poet", "poet"), ("org/tiny:poet", "poet"), ("tiny.gguf:poet", "poet"), ("org/tiny", nil),
      ("other:poet", nil), ("Poet", nil), ("org/tiny:", nil), (":poet", nil), ("", nil),
    ] as [(String, String?)])
  func names(name: String, expected: String?) {
    #expect(Self.model.adapter(named: name) == expected)
  }

  @Test("A model with an adapter says so, and what its answers depend on")
  func description() throws {
    let adapted = Self.model.adapted(by: "poet")
    #expect(adapted.name == "org/tiny:poet" && adapted.parent == "org/tiny")
    #expect(adapted.fingerprint != Self.model.fingerprint)
    try adapted.check(name: "poet")
    try adapted.check(name: "tiny.gguf:poet")
    #expect(throws: APIError.self) { try adapted.check(name: "org/tiny") }
  }

  @Test("An engine's adapters are served, each under its name, and reach the engine")
  func served() async throws {
    let folder = URL(filePath: #filePath).appending(path: "../../../Goldens").standardizedFileURL
    let model = try LoadedModel.read(path: folder.appending(path: "tiny/llama_gqa_tied").path)
    var configuration = EngineConfiguration()
    configuration.adapters = [
      try LoadedAdapter(
        path: folder.appending(path: "adapters/llama_all").path, name: "poet", for: model)
    ]
    let service = EngineService(try Engine(model: model, configuration: configuration))
    var texts: Set<String> = []
    for name in [model.name, "poet", "\(model.name):poet"] {
      let own = try service.named(name)
      #expect(own.model.name == (name == model.name ? name : "\(model.name):poet"))
      var stop = StopCondition()
      stop.maximumTokens = 8
      var text = ""
      var request = GenerationRequest(prompt: [5, 6, 7], stop: stop)
      request.sampling.temperature = 0
      for try await event in try own.generate(request) {
        if case .token(let token) = event { text += "\(token.token) " }
      }
      texts.insert(text)
    }
    #expect(texts.count == 2)
    #expect(throws: APIError.self) { _ = try service.named("other") }
  }
}
