import HTTPTypes

extension HTTPField.Name {
  /// `X-Request-Id`, a name for a request that both sides can log.
  static let requestID = known("X-Request-Id")
  /// `X-Api-Key`, a key as some clients send it.
  static let apiKey = known("X-Api-Key")
  /// `X-Accel-Buffering`, by which a proxy learns not to hold a stream back.
  static let accelBuffering = known("X-Accel-Buffering")
  /// `X-Apus-Relaxed`, the parts of tools' schemas that are not enforced as they are.
  static let relaxedSchemas = known("X-Apus-Relaxed")
  /// `X-Apus-Seed`, the seed by which tokens are drawn.
  static let seed = known("X-Apus-Seed")

  /// `Referrer-Policy`, how much of a page's address a browser tells others.
  static let referrerPolicy = known("Referrer-Policy")
  /// `Cross-Origin-Opener-Policy`, whether other pages may hold on to a page that they opened.
  static let crossOriginOpenerPolicy = known("Cross-Origin-Opener-Policy")

  private static func known(_ name: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(name) else {
      preconditionFailure("a literal that is no header name")
    }
    return name
  }
}
