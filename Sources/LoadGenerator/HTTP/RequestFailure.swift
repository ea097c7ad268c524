/// Why a request has no complete answer.
package struct RequestFailure: Error, Sendable, Hashable {
  /// What failures are counted by.
  package enum Kind: Sendable, Hashable {
    /// The server answered with this status instead of 200.
    case status(Int)
    /// Nobody listens at the address.
    case connectionRefused
    /// The connection ended before the answer did.
    case connectionReset
    /// No connection could be made, for another reason.
    case connectionFailed
    /// The answer is not the event stream that it should be.
    case badStream
    /// The answer was not complete in time.
    case timeout
    /// The run ended first; nobody's fault.
    case interrupted
  }

  /// What the failure is counted by.
  package let kind: Kind
  /// The particulars, of which the report shows the first.
  package let detail: String

  /// Creates a failure; of long particulars only the beginning is kept.
  init(_ kind: Kind, _ detail: String = "") {
    self.kind = kind
    self.detail = String(decoding: detail.utf8.prefix(300), as: UTF8.self)
  }
}

extension RequestFailure.Kind: CustomStringConvertible {
  /// The name in reports.
  package var description: String {
    switch self {
    case .status(let status): "HTTP status \(status)"
    case .connectionRefused: "connection refused"
    case .connectionReset: "connection reset"
    case .connectionFailed: "connection failed"
    case .badStream: "bad stream"
    case .timeout: "timeout"
    case .interrupted: "interrupted"
    }
  }
}
