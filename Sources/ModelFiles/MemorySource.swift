/// A model file that lies in memory.
package struct MemorySource: ByteSource {
  /// The file's bytes.
  package let bytes: [UInt8]

  /// Creates a source over bytes.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  package var byteCount: UInt64 { UInt64(bytes.count) }

  package func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
    guard let start = Int(exactly: offset), start < bytes.count else { return .bytes(0) }
    let count = min(buffer.count, bytes.count - start)
    bytes.withUnsafeBytes { buffer.copyMemory(from: .init(rebasing: $0[start..<(start + count)])) }
    return .bytes(count)
  }

  package func isUnchanged() -> Bool { true }
}
