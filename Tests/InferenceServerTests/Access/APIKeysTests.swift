import Foundation
import NIOCore
import Testing

@testable import InferenceServer

@Suite("API keys")
struct APIKeysTests {
  private static let first = "sk-0123456789abcdef"
  private static let second = "sk-fedcba9876543210"

  @Test("Keys have names, several may have one, and comments are skipped")
  func names() throws {
    let keys = try APIKeys(
      file: nil,
      text: "# people\n\n  ann:\(Self.first)\r\nann:\(Self.second),bob.b-1_x:sk:with:colons:16")
    #expect(keys.count == 3)
    #expect(keys.name(of: Self.first) == "ann")
    #expect(keys.name(of: Self.second) == "ann")
    #expect(keys.name(of: "sk:with:colons:16") == "bob.b-1_x")
  }

  @Test(
    "What is not exactly a key has no name",
    arguments: [
      "", "ann", "ann:sk-0123456789abcdef", "sk-0123456789abcde", "sk-0123456789abcdef0",
      "SK-0123456789ABCDEF", "sk-0123456789abcdef\0",
    ])
  func strangers(key: String) throws {
    #expect(try APIKeys(file: nil, text: "ann:\(Self.first)").name(of: key) == nil)
  }

  @Test(
    "A fault is told with its line and without the key",
    arguments: [
      ("ann", 1), ("ann:short-secret", 1), ("\nann:short", 2), ("an n:\(first)", 1),
      (":\(first)", 1), ("ann:has spaces inside it", 1), ("ann:schlüssel-schlüssel", 1),
      ("", nil), ("# none", nil), ("ann:\(first)\nbob:\(first)", nil),
      ("ann:\(String(repeating: "x", count: 257))", 1),
    ])
  func faults(text: String, line: Int?) throws {
    let error = try #require(throws: APIKeysError.self) {
      _ = try APIKeys(file: nil, text: text)
    }
    #expect(error.line == line)
    for part in text.split(whereSeparator: { ":\n".contains($0) }) where part.utf8.count > 4 {
      #expect(!error.description.contains(part))
    }
  }

  @Test("A file is read again when asked; one that is not sound changes nothing")
  func reload() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID())")
    defer { try? FileManager.default.removeItem(at: file) }
    try "ann:\(Self.first)".write(to: file, atomically: true, encoding: .utf8)
    let keys = try APIKeys(file: file.path)
    #expect(keys.name(of: Self.second) == nil)
    try "bob:\(Self.second)".write(to: file, atomically: true, encoding: .utf8)
    try keys.reload()
    #expect(keys.name(of: Self.first) == nil)
    #expect(keys.name(of: Self.second) == "bob")
    try "bob".write(to: file, atomically: true, encoding: .utf8)
    #expect(throws: APIKeysError.self) { try keys.reload() }
    #expect(keys.name(of: Self.second) == "bob")
    try FileManager.default.removeItem(at: file)
    #expect(throws: APIKeysError.self) { try keys.reload() }
    #expect(keys.name(of: Self.second) == "bob")
  }

  @Test("A file that everybody can read is noticed")
  func permissions() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID())")
    defer { try? FileManager.default.removeItem(at: file) }
    try "ann:\(Self.first)".write(to: file, atomically: true, encoding: .utf8)
    let keys = try APIKeys(file: file.path)
    for (mode, isOpen) in [(0o600, false), (0o640, false), (0o644, true)] {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
      #expect(keys.isReadByAll == isOpen)
    }
    #expect(try !APIKeys(file: nil, text: "ann:\(Self.first)").isReadByAll)
  }

  @Test("A store of requests empties, tells the wait, and fills up to its size again")
  func bucket() {
    let rates = RequestRates(perMinute: 30)
    func take(at second: Int64) -> Double? {
      rates.take("ann", at: .uptimeNanoseconds(0) + .seconds(second))
    }
    for _ in 0..<30 { #expect(take(at: 10) == nil) }
    #expect(take(at: 10) == 2)
    #expect(take(at: 11) == 1)
    #expect(take(at: 12) == nil)
    #expect(take(at: 12) == 2)
    // A clock that goes back adds nothing.
    #expect(take(at: 5) == 2)
    for _ in 0..<30 { #expect(take(at: 1_000_000) == nil) }
    #expect(take(at: 1_000_000) == 2)
    #expect(rates.take("bob", at: .uptimeNanoseconds(0)) == nil)
  }
}
