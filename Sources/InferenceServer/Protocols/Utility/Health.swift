import GPTModel
import Hummingbird
import JSON
import Synchronization

/// `GET /health`, `/health/live` and `/health/ready`: answers at once, whatever is being computed.
///
/// The first tells people what the engine is doing; the others are for programs that watch servers.
final class Health: Sendable {
  /// Seconds that a step may take before the engine counts as stuck.
  static let longestStep = 60.0

  private let isDraining = Atomic(false)

  /// Says from now on that the server is about to stop.
  func beginDraining() {
    isDraining.store(true, ordering: .relaxed)
  }

  /// Whether the server accepts requests.
  func ready() throws(APIError) -> Response {
    guard !isDraining.load(ordering: .relaxed) else { throw APIError(EngineError.shuttingDown) }
    return ok
  }

  /// Whether the server accepts requests, and the engine's status.
  func report(_ status: EngineStatus) throws(APIError) -> Response {
    _ = try ready()
    var json = JSONWriter()
    json.object { json in
      json.member("status", "ok")
      json.member("running", status.running)
      json.member("waiting", status.waiting)
      json.member("waiting_tokens", status.waitingTokens)
      json.member("cache_pages", status.totalPages)
      json.member("cache_pages_free", status.freePages)
      json.member("prefix_hits", status.prefixHits)
      json.member("cached_tokens", status.cachedTokens)
      json.member("preemptions", status.preemptions)
      json.member("steps", status.steps)
      json.member("cancel_to_free_seconds") { json in
        json.object { json in
          for phase in GenerationPhase.allCases {
            json.member(phase.rawValue) { $0.value(status.cancelToFree[phase]) }
          }
        }
      }
    }
    return Response(json)
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

extension JSONWriter {
  fileprivate mutating func value(_ tally: DurationTally) {
    object { json in
      json.member("count", tally.count)
      json.member("p50") { $0.value(tally.quantile(0.5)) }
      json.member("p99") { $0.value(tally.quantile(0.99)) }
      json.member("max") { $0.value(tally.longest) }
    }
  }
}
