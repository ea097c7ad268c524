import Foundation

@testable import HTTPTransport

/// Certificates made by `openssl`, so that they are not this package's idea of one.
struct TestCertificate {
  /// Why tests with certificates may be left out.
  static let need = "openssl is needed to make certificates"
  /// Whether certificates can be made.
  static let canBeMade = hasProgram("openssl")

  let folder = Folder()

  /// The files, whether they exist or not.
  var files: TLSFiles {
    TLSFiles(certificate: folder.path("certificate.pem"), key: folder.path("key.pem"))
  }

  /// Makes a certificate that signs itself, and puts it in place of the one before.
  func make(name: String = "localhost", days: Int = 2) throws {
    let files = files
    let (certificate, key) = (files.certificate + ".new", files.key + ".new")
    try output(
      of: "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", key, "-out", certificate, "-days", "\(days)", "-subj", "/CN=\(name)",
        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
      ])
    for (new, old) in [(certificate, files.certificate), (key, files.key)] {
      try? FileManager.default.removeItem(atPath: old)
      try FileManager.default.moveItem(atPath: new, toPath: old)
    }
  }
}
