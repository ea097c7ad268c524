import HTTPTransport
import HTTPTypes
import Testing

@testable import InferenceServer

@Suite("Errors of the transport")
struct APIErrorTests {
  @Test("What a route passes on is the same error")
  func passedOn() {
    let error = APIError(RequestRefusal.bodyTooLarge(limit: 7) as any Error)
    #expect(error.status == .contentTooLarge && error.code == "request_too_large")
    #expect(error.message == "the request body may have at most 7 bytes")
    #expect(error.reason == .bodyTooLarge)
  }
}
