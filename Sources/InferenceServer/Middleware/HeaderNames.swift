import HTTPTypes

extension HTTPField.Name {
  /// `X-Request-Id`, a name for a request that both sides can log.
  static let requestID = known("X-Request-Id")
  /// `X-Api-Key`, a key as some clients send it.
  static let apiKey = known("X-Api-Key")
  /// `X-Accel-Buffering`, by which a proxy learns not to hold a stream back.
  static let accelBuffering = known("X-Accel-Buffering")

  private static func known(_ name: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(name) else {
      preconditionFailure("a literal that is no header name")
    }
    return name
  }
}
