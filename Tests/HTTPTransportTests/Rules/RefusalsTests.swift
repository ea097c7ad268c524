import Foundation
import HTTPTestSupport
import HTTPTypes
import NIOCore
import Testing

@testable import HTTPTransport

@Suite("Refusals before any route")
struct RefusalsTests {
  @Test(
    "Each reason has a document with its code, and is counted", arguments: RefusalReason.allCases)
  func answer(reason: RefusalReason) throws {
    let refusals = Refusals(logger: silent)
    let refusal = RequestRefusal(reason: reason, message: "a \"reason\"")
    let (head, body) = refusals.answer(refusal)
    _ = refusals.answer(refusal)
    #expect(refusals.total == [reason: 2])
    #expect(head.status == reason.status && head.status.code >= 400)
    #expect(head.headerFields[.contentLength] == "\(body.readableBytes)")
    #expect(head.headerFields[.date] != nil)
    let document = try JSONSerialization.jsonObject(with: Data(body.readableBytesView))
    let error = try #require((document as? [String: Any])?["error"] as? [String: Any])
    #expect(Set(error.keys) == ["message", "type", "param", "code"])
    #expect(error["code"] as? String == reason.rawValue)
    #expect(error["message"] as? String == refusal.message)
  }

  @Test("Who may try again is told when")
  func retry() {
    let refusals = Refusals(logger: silent)
    for reason in RefusalReason.allCases {
      let head = refusals.answer(RequestRefusal(reason: reason, message: "")).head
      let mayRetry = [429, 503].contains(head.status.code)
      #expect((head.headerFields[.retryAfter] == "1") == mayRetry)
    }
  }
}
