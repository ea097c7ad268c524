import HTTPTypes
import Logging
import NIOConcurrencyHelpers
import NIOCore

/// The type of JSON, with the character set that clients who know no better would have to guess.
package let jsonContentType = "application/json; charset=utf-8"

/// Answers, counts and logs requests that are refused before they reach a route.
final class Refusals: Sendable {
  private let logger: Logger
  private let date = DateHeader()
  private let counts = NIOLockedValueBox<[RefusalReason: Int]>([:])

  /// Begins without refusals.
  init(logger: Logger) {
    self.logger = logger
  }

  /// How often each reason applied so far.
  var total: [RefusalReason: Int] { counts.withLockedValue { $0 } }

  /// The whole answer to a request that is refused, which is counted.
  func answer(_ refusal: RequestRefusal) -> (head: HTTPResponse, body: ByteBuffer) {
    counts.withLockedValue { $0[refusal.reason, default: 0] += 1 }
    let status = refusal.reason.status
    logger.info(
      "request refused",
      metadata: ["status": .stringConvertible(status.code), "error": "\(refusal.reason.rawValue)"])
    let document = refusal.document
    var fields = refusal.reason.headers
    fields[.contentType] = jsonContentType
    fields[.contentLength] = "\(document.count)"
    fields[.date] = date.text
    return (HTTPResponse(status: status, headerFields: fields), ByteBuffer(bytes: document))
  }
}
