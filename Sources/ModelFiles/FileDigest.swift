import Platform

/// The SHA-256 of a whole file.
package struct FileDigest: Sendable, Hashable, CustomStringConvertible {
  /// The 32 bytes.
  package let bytes: [UInt8]

  /// Reads 64 hexadecimal digits; nil for anything else.
  package init?(hexadecimal text: String) {
    let digits = text.utf8.compactMap { Self.value(ofDigit: $0) }
    guard digits.count == 64, text.utf8.count == 64 else { return nil }
    bytes = stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  /// Stands for several files: the hash of their names and hashes, in the order of the names.
  init(of files: [String: FileDigest]) {
    var hash = SHA256()
    for (name, digest) in files.sorted(by: { $0.key < $1.key }) {
      hash.update("\(name)\u{0}\(digest)\n".utf8)
    }
    self.init(hash.finalize())
  }

  /// The digest itself, which must be the expected one where there is one.
  func checked(against expected: FileDigest?, field: String) throws(ModelError) -> FileDigest {
    guard let expected, expected != self else { return self }
    throw ModelError(.corrupt, field: field, "the SHA-256 is \(self), not \(expected)")
  }

  /// Hashes pieces of a file in their order.
  package init(hashing pieces: [UnsafeRawBufferPointer]) {
    var hash = SHA256()
    for piece in pieces { hash.update(piece) }
    self.init(hash.finalize())
  }

  /// Takes the 32 bytes of a hash.
  init(_ hash: [UInt8]) {
    bytes = hash
  }

  /// Lower-case hexadecimal digits.
  package var description: String { SHA256.digits(bytes) }

  private static func value(ofDigit digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
