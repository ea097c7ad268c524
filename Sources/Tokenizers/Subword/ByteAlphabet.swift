/// The printable stand-ins by which byte-level vocabularies write their pieces, one per byte.
///
/// Bytes that print as themselves in Latin-1 keep their character; the others, spaces and controls
/// among them, take U+0100, U+0101 and so on in ascending order (a space is U+0120, `Ġ`).
package enum ByteAlphabet {
  /// The stand-in of each byte `[256]`.
  package static let scalars: [Unicode.Scalar] = makeScalars()

  /// Returns the bytes that a piece stands for, or nil where a character is no stand-in.
  package static func bytes(of piece: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(piece.utf8.count)
    for scalar in piece.unicodeScalars {
      guard scalar.value < inverse.count, inverse[Int(scalar.value)] >= 0 else { return nil }
      bytes.append(UInt8(inverse[Int(scalar.value)]))
    }
    return bytes
  }

  /// Returns the piece that stands for the bytes.
  package static func piece(for bytes: some Sequence<UInt8>) -> String {
    var piece = String.UnicodeScalarView()
    for byte in bytes { piece.append(scalars[Int(byte)]) }
    return String(piece)
  }

  /// The byte of each scalar value, or -1.
  private static let inverse: [Int16] = {
    var inverse = [Int16](repeating: -1, count: 0x200)
    for (byte, scalar) in scalars.enumerated() { inverse[Int(scalar.value)] = Int16(byte) }
    return inverse
  }()

  private static func makeScalars() -> [Unicode.Scalar] {
    var standIn: UInt16 = 0x100
    return (UInt8.min...UInt8.max).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
      default:
        defer { standIn += 1 }
        return Unicode.Scalar(standIn) ?? "\u{FFFD}"
      }
    }
  }
}
