import Foundation
import Testing

@testable import Platform

@Suite("SHA-256")
struct SHA256Tests {
  /// The standard's examples: FIPS 180-2, appendix B, and "Secure Hashing", NIST's page of examples.
  private static let examples = [
    "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq":
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrs"
      + "mnopqrstnopqrstu":
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
    String(repeating: "a", count: 1_000_000):
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
  ]

  private static let goldens: [Int: String] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Goldens/sha256.json")
    let hashes = try? JSONDecoder().decode([String: String].self, from: Data(contentsOf: file))
    return Dictionary(
      (hashes ?? [:]).compactMap { entry in Int(entry.key).map { ($0, entry.value) } },
      uniquingKeysWith: { first, _ in first })
  }()

  private static func content(_ length: Int) -> [UInt8] {
    (0..<length).map { UInt8((7 * $0 + length) % 251) }
  }

  private func text(_ hash: [UInt8]) -> String {
    hash.map { String(format: "%02x", $0) }.joined()
  }

  @Test("The standard's examples have the standard's hashes", arguments: [false, true])
  func standard(isPlain: Bool) {
    for (message, expected) in Self.examples {
      var hash = SHA256(isPlain: isPlain)
      hash.update(Array(message.utf8))
      #expect(text(hash.finalize()) == expected)
    }
    #expect(SHA256.hexadecimal(Array("abc".utf8)) == Self.examples["abc"])
  }

  @Test("Contents of any length have the hashes that hashlib gives them", arguments: [false, true])
  func goldens(isPlain: Bool) {
    #expect(Self.goldens.count == 206)
    for (length, expected) in Self.goldens {
      var hash = SHA256(isPlain: isPlain)
      hash.update(Self.content(length))
      #expect(text(hash.finalize()) == expected, "\(length) bytes")
    }
  }

  @Test("It does not matter in which pieces bytes come")
  func pieces() {
    let content = Self.content(1000)
    let whole = SHA256.hash(content)
    for length in 1..<200 {
      var hash = SHA256()
      for start in stride(from: 0, to: content.count, by: length) {
        hash.update(content[start..<min(content.count, start + length)])
      }
      #expect(hash.finalize() == whole, "pieces of \(length) bytes")
    }
    #expect(SHA256.hash(content.lazy.map { $0 }) == whole, "a sequence without storage")
  }
}
