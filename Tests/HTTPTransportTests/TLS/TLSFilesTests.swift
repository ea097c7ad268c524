import Foundation
import HTTPTestSupport
import NIOCore
import NIOSSL
import Platform
import Testing

@testable import HTTPTransport

@Suite(
  "Certificates", .enabled(if: TestCertificate.canBeMade, Comment(rawValue: TestCertificate.need)))
struct TLSFilesTests {
  private let made = TestCertificate()

  @Test("A sound pair of files is accepted")
  func sound() throws {
    try made.make()
    try made.files.check()
  }

  @Test("What is missing or no PEM is named")
  func broken() throws {
    #expect(message().hasSuffix("certificate.pem cannot be read: No such file or directory"))
    try "text".write(toFile: made.files.certificate, atomically: true, encoding: .utf8)
    #expect(message().hasSuffix("certificate.pem holds no certificate in PEM"))
    try made.make()
    try "text".write(toFile: made.files.key, atomically: true, encoding: .utf8)
    #expect(message().hasSuffix("key.pem holds no private key in PEM without a passphrase"))
    try FileManager.default.removeItem(atPath: made.files.key)
    #expect(message().hasSuffix("key.pem cannot be read: No such file or directory"))
  }

  @Test("A key of another certificate is refused")
  func mismatched() throws {
    let other = TestCertificate()
    try made.make()
    try other.make()
    let mixed = TLSFiles(certificate: made.files.certificate, key: other.files.key)
    let error = #expect(throws: TLSError.self) { try mixed.check() }
    #expect(error?.reason == .mismatched(certificate: made.files.certificate))
  }

  @Test("A certificate is refused before its time and after it")
  func expired() throws {
    try made.make(days: 1)
    let now = UnixTime.now
    #expect(reason(at: now) == nil)
    #expect(reason(at: now + 2 * 86_400) == .expired)
    #expect(reason(at: now - 86_400) == .notYetValid)
    let leaf = try #require(try NIOSSLCertificate.fromPEMFile(made.files.certificate).first)
    #expect(reason(at: leaf.notValidAfter) == nil)
    #expect(reason(at: leaf.notValidAfter + 1) == .expired)
    #expect(reason(at: leaf.notValidBefore - 1) == .notYetValid)
  }

  @Test("A new certificate is taken up a second later, and a bad one is not")
  func reload() throws {
    try made.make()
    let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    let identity = try TLSIdentity(made.files, logger: silent, at: start)
    let first = identity.context(at: start)
    try made.make()
    #expect(identity.context(at: start + .milliseconds(999)) === first)
    let second = identity.context(at: start + .seconds(1))
    #expect(second !== first)
    #expect(identity.context(at: start + .seconds(9)) === second)
    try "text".write(toFile: made.files.key, atomically: true, encoding: .utf8)
    #expect(identity.context(at: start + .seconds(10)) === second)
    try FileManager.default.removeItem(atPath: made.files.certificate)
    #expect(identity.context(at: start + .seconds(11)) === second)
    try made.make()
    let third = identity.context(at: start + .seconds(12))
    #expect(third !== second && third !== first)
  }

  private func message() -> String {
    do {
      try made.files.check()
      return ""
    } catch {
      return "\(error)"
    }
  }

  private func reason(at second: Int) -> TLSError.Reason? {
    do {
      _ = try made.files.load(at: second)
      return nil
    } catch {
      return error.reason
    }
  }
}
