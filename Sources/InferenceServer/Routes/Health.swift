import GPTModel
import Hummingbird
import Synchronization

/// `GET /health`: whether requests are welcome.
final class Health: Sendable {
  private let isDraining = Atomic(false)

  /// Says from now on that the server is about to stop.
  func beginDraining() {
    isDraining.store(true, ordering: .relaxed)
  }

  /// Answers at once, whatever is being computed.
  func report() throws(APIError) -> Response {
    guard !isDraining.load(ordering: .relaxed) else { throw APIError(EngineError.shuttingDown) }
    var json = JSONWriter()
    json.object { $0.member("status", "ok") }
    return Response(json)
  }
}
