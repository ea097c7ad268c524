import NIOSSL
import Platform

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The paths of a TLS server's certificate and key, both in PEM.
public struct TLSFiles: Sendable, Hashable {
  /// The certificate, followed by those that vouch for it.
  public var certificate: String
  /// The private key, without a passphrase.
  public var key: String

  /// Names the files.
  public init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }

  /// Throws a `TLSError`, in one sentence, unless a server could prove itself with these files now.
  public func check() throws {
    _ = try load(at: UnixTime.now)
  }

  /// The state of both files, which changes with either.
  struct Stamp: Equatable {
    private let statuses: [FileStatus?]

    /// Reads the status of the files; a missing file has none.
    init(_ files: TLSFiles) {
      statuses = [files.certificate, files.key].map { try? FileStatus($0) }
    }
  }

  /// Reads the files into what connections are encrypted with.
  ///
  /// - Parameter second: The present, in seconds since 1970.
  func load(at second: Int) throws(TLSError) -> NIOSSLContext {
    let chain = try readCertificates()
    if let leaf = chain.first {
      guard leaf.notValidAfter >= second else { throw TLSError(.expired, certificate) }
      guard leaf.notValidBefore <= second else { throw TLSError(.notYetValid, certificate) }
    }
    let key = try readKey()
    var settings = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    settings.minimumTLSVersion = .tlsv12
    settings.cipherSuiteValues = Self.cipherSuites
    settings.applicationProtocols = Self.applicationProtocols
    do {
      return try NIOSSLContext(configuration: settings)
    } catch {
      throw TLSError(.mismatched(certificate: certificate), self.key)
    }
  }

  /// The protocols that clients may choose, in the order of preference.
  static let applicationProtocols = ["h2", "http/1.1"]

  /// For TLS 1.2: forward secrecy and authenticated encryption only. TLS 1.3 has nothing else.
  private static let cipherSuites: [NIOTLSCipher] = [
    .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
  ]

  private func readCertificates() throws(TLSError) -> [NIOSSLCertificate] {
    try ensureReadable(certificate)
    guard let chain = try? NIOSSLCertificate.fromPEMFile(certificate), !chain.isEmpty else {
      throw TLSError(.noCertificate, certificate)
    }
    return chain
  }

  private func readKey() throws(TLSError) -> NIOSSLPrivateKey {
    try ensureReadable(key)
    guard let key = try? NIOSSLPrivateKey(file: key, format: .pem) else {
      throw TLSError(.noKey, self.key)
    }
    return key
  }

  private func ensureReadable(_ path: String) throws(TLSError) {
    guard access(path, R_OK) == 0 else {
      throw TLSError(.unreadable(reason: String(cString: strerror(errno))), path)
    }
  }
}
