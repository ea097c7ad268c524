import NIOCore
import Testing

@testable import HTTPTransport

@Suite("The pace of requests")
struct RequestPaceTests {
  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
  private let rules = RequestRules(limits: ConnectionLimits())

  @Test("The first head is due ten seconds after the connection, even if it has begun")
  func firstHead() {
    var pace = RequestPace(rules, at: start)
    #expect(due(pace) == "10 request")
    pace.begin(at: start + .seconds(9))
    #expect(due(pace) == "10 head")
  }

  @Test("A later head is due ten seconds after its first byte")
  func laterHead() {
    var pace = afterOneAnswer()
    #expect(due(pace) == "60 request")
    pace.begin(at: start + .seconds(50))
    #expect(due(pace) == "60 head")
  }

  @Test(
    "A body has thirty seconds, and one more for each MiB that has arrived",
    arguments: [(0, 30), ((1 << 20) - 1, 30), (1 << 20, 31), (8 << 20, 38)])
  func body(bytes: Int, seconds: Int) {
    var pace = RequestPace(rules, at: start)
    pace.takeHead(at: start)
    pace.takeBody(bytes: bytes)
    #expect(due(pace) == "\(seconds) body")
  }

  @Test("A client that waits for an answer is not hurried, whatever else it has sent")
  func waiting() {
    var pace = RequestPace(rules, at: start)
    pace.takeHead(at: start)
    pace.takeEnd(at: start)
    #expect(pace.deadline == nil)
    pace.takeHead(at: start)
    #expect(pace.deadline == nil)
    pace.answer(at: start + .seconds(300))
    #expect(due(pace) == "330 body")
  }

  @Test("An answer that comes before the end of the body does not let the body rest")
  func earlyAnswer() {
    var pace = RequestPace(rules, at: start)
    pace.takeHead(at: start)
    pace.answer(at: start)
    #expect(due(pace) == "30 body")
    pace.takeEnd(at: start + .seconds(1))
    #expect(due(pace) == "61 request")
  }

  private func afterOneAnswer() -> RequestPace {
    var pace = RequestPace(rules, at: start)
    pace.takeHead(at: start)
    pace.takeEnd(at: start)
    pace.answer(at: start)
    return pace
  }

  /// When the client has to send more, in seconds since the start, and what.
  private func due(_ pace: RequestPace) -> String? {
    pace.deadline.map { "\(($0.time - start).nanoseconds / 1_000_000_000) \($0.lateness)" }
  }
}
