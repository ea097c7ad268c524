import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

extension RequestFailure {
  /// Names what went wrong on a connection that was open.
  init(whileConnected error: any Error) {
    switch error {
    case HTTPParserError.invalidEOFState, is ChannelError:
      self.init(.connectionReset, "the connection was closed in mid-answer")
    case let error as HTTPParserError: self.init(.badStream, "the answer is not HTTP: \(error)")
    case let error as IOError: self.init(.connectionReset, Self.text(error))
    default: self.init(.badStream, "\(error)")
    }
  }

  /// Names why no connection could be opened.
  init(whileConnecting error: any Error) {
    switch error {
    case ChannelError.connectTimeout: self.init(.timeout, "no connection in time")
    case let error as NIOConnectionError:
      let failures = error.connectionErrors.map { RequestFailure(whileConnecting: $0.error) }
      let refusal = failures.first { $0.kind == .connectionRefused }
      self = refusal ?? failures.first ?? Self.unresolved(error)
    case let error as IOError where error.errnoCode == ECONNREFUSED:
      self.init(.connectionRefused, Self.text(error))
    case let error as IOError where error.errnoCode == ECONNRESET:
      self.init(.connectionReset, Self.text(error))
    case let error as IOError: self.init(.connectionFailed, Self.text(error))
    default: self.init(.connectionFailed, "\(error)")
    }
  }

  private static func unresolved(_ error: NIOConnectionError) -> RequestFailure {
    RequestFailure(.connectionFailed, "the name \(error.host) has no address")
  }

  private static func text(_ error: IOError) -> String {
    String(cString: strerror(error.errnoCode))
  }
}
