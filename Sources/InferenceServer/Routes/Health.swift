import GPTModel
import Hummingbird
import Synchronization

/// `GET /health`, `/health/live` and `/health/ready`: answers at once, whatever is being computed.
final class Health: Sendable {
  /// Seconds that a step may take before the engine counts as stuck.
  static let longestStep = 60.0

  private let isDraining = Atomic(false)

  /// Says from now on that the server is about to stop.
  func beginDraining() {
    isDraining.store(true, ordering: .relaxed)
  }

  /// Whether requests are welcome.
  func ready() throws(APIError) -> Response {
    guard !isDraining.load(ordering: .relaxed) else { throw APIError(EngineError.shuttingDown) }
    return ok
  }

  /// Whether the engine makes progress; draining is progress.
  func live(_ status: EngineStatus) throws(APIError) -> Response {
    guard status.secondsInStep < Self.longestStep else {
      throw .overloaded("a step has been running for \(status.secondsInStep) seconds")
    }
    return ok
  }

  private var ok: Response {
    var json = JSONWriter()
    json.object { $0.member("status", "ok") }
    return Response(json)
  }
}
