import GPTModel
import Hummingbird
import InferenceServer

// The listings of the catalogue: programs of their own, which are compiled here.

// listing: serving
/// Serves a model until the process is asked to stop.
func serve(_ path: String) async throws {
  let engine = try Engine(model: try await LoadedModel.load(path: path))
  let server = InferenceServer(engine: engine) { port in print("http://127.0.0.1:\(port)") }
  try await server.runUntilStopped()
}
// end

// listing: mounting
/// Adds a model's addresses to an application's own, below `/llm`.
func addModel(_ engine: Engine, to router: Router<BasicRequestContext>) {
  InferenceServer(engine: engine).addRoutes(to: router, below: "llm")
}
// end
