import HTTPTestSupport

@testable import HTTPTransport

extension TestFrame {
  /// A stream's end before its time.
  static func reset(_ stream: Int32 = 1, _ reason: HTTP2Reason = .cancel) -> TestFrame {
    reset(stream, reason: reason.rawValue)
  }

  /// Why a stream or connection ends.
  var reason: HTTP2Reason? {
    HTTP2Reason(rawValue: number(at: kind == Kind.reset.rawValue ? 0 : 4))
  }
}
