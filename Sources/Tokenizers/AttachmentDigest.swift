/// Names what an attachment is: a hash of its content and of how it is encoded.
///
/// Attachments of equal digests are taken for the same, so the hash must be one that nobody can find two
/// contents for, such as SHA-256.
public struct AttachmentDigest: Sendable, Hashable {
  /// The bytes of a digest.
  public static let byteCount = 32
  private let words: SIMD4<UInt64>

  /// Takes the 32 bytes of a hash; nil for any other number of bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    var words = SIMD4<UInt64>()
    for (index, byte) in bytes.enumerated() {
      words[index / 8] |= UInt64(byte) << UInt64(index % 8 * 8)
    }
    self.words = words
  }
}
