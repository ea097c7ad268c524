/// Why a server cannot be encrypted with the given files.
public struct TLSError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The fault of a file.
  enum Reason: Hashable {
    case unreadable(reason: String)
    case noCertificate
    case noKey
    case mismatched(certificate: String)
    case expired
    case notYetValid
  }

  /// What is wrong.
  let reason: Reason
  /// The file.
  let path: String

  /// Blames a file.
  init(_ reason: Reason, _ path: String) {
    self.reason = reason
    self.path = path
  }

  public var description: String {
    switch reason {
    case .unreadable(let reason): "\(path) cannot be read: \(reason)"
    case .noCertificate: "\(path) holds no certificate in PEM"
    case .noKey: "\(path) holds no private key in PEM without a passphrase"
    case .mismatched(let certificate): "the key \(path) does not belong to \(certificate)"
    case .expired: "the certificate \(path) has expired"
    case .notYetValid: "the certificate \(path) is not valid yet"
    }
  }
}
