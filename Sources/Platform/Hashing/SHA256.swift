import CPlatform

/// The hash SHA-256 of bytes that come in pieces (FIPS 180-4).
package struct SHA256: Sendable {
  /// Bytes of a hash.
  package static let byteCount = 32
  /// Bytes that are hashed at a time.
  private static let blockBytes = 64

  /// The eight words of section 5.3.3.
  private var state = SIMD8<UInt32>(
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
    0x5be0_cd19)
  /// The beginning of a block whose rest is yet to come.
  private var pending = SIMD64<UInt8>()
  private var pendingBytes = 0
  private var totalBytes: UInt64 = 0
  private let isPlain: Bool

  /// Creates the hash of nothing.
  ///
  /// - Parameter isPlain: Whether to do without the processor's instructions for it, as a test of them.
  package init(isPlain: Bool = false) {
    self.isPlain = isPlain
  }

  /// Appends bytes to what is hashed.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    totalBytes &+= UInt64(bytes.count)
    let fill = pendingBytes == 0 ? 0 : min(Self.blockBytes - pendingBytes, bytes.count)
    keep(.init(rebasing: bytes[..<fill]))
    if pendingBytes == Self.blockBytes {
      withUnsafeBytes(of: pending) { take($0) }
      pendingBytes = 0
    }
    let whole = (bytes.count - fill) / Self.blockBytes * Self.blockBytes
    take(.init(rebasing: bytes[fill..<fill + whole]))
    keep(.init(rebasing: bytes[(fill + whole)...]))
  }

  /// Appends bytes to what is hashed.
  package mutating func update(_ bytes: some Sequence<UInt8>) {
    let isDone: Void? = bytes.withContiguousStorageIfAvailable { update(.init($0)) }
    if isDone == nil { Array(bytes).withUnsafeBytes { update($0) } }
  }

  /// The hash of all bytes so far, 32 of them.
  package consuming func finalize() -> [UInt8] {
    let bits = totalBytes &* 8
    // Section 5.1.1: a one, zeros, and the count of bits at the end of a block.
    var padding: [UInt8] = [0x80]
    let zeros = (2 * Self.blockBytes - 1 - 8 - pendingBytes) % Self.blockBytes
    padding += Array(repeating: 0, count: zeros)
    padding += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) }
    update(padding)
    return state.indices.flatMap { index in
      (0..<4).map { UInt8(truncatingIfNeeded: state[index] >> (24 - 8 * UInt32($0))) }
    }
  }

  /// The hash of bytes, 32 of them.
  package static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finalize()
  }

  /// The hash of bytes as 64 lower-case hexadecimal digits.
  package static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    digits(hash(bytes))
  }

  /// The lower-case hexadecimal digits of a hash.
  package static func digits(_ hash: [UInt8]) -> String {
    hash.map { byte in
      let text = String(byte, radix: 16)
      return byte < 16 ? "0" + text : text
    }.joined()
  }

  /// Hashes whole blocks.
  private mutating func take(_ bytes: UnsafeRawBufferPointer) {
    guard let data = bytes.baseAddress, !bytes.isEmpty else { return }
    let blocks = bytes.count / Self.blockBytes
    withUnsafeMutableBytes(of: &state) { [isPlain] state in
      guard let words = state.assumingMemoryBound(to: UInt32.self).baseAddress else { return }
      apus_sha256(words, data, blocks, isPlain)
    }
  }

  /// Keeps bytes of a block until it is whole.
  private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
    let start = pendingBytes
    withUnsafeMutableBytes(of: &pending) { pending in
      UnsafeMutableRawBufferPointer(rebasing: pending[start...]).copyMemory(from: bytes)
    }
    pendingBytes += bytes.count
  }
}
