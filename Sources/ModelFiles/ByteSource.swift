/// What one attempt to read gave.
package enum ReadOutcome: Sendable, Hashable {
  /// This many bytes were read; zero means the end.
  case bytes(Int)
  /// A signal interrupted the read before anything arrived.
  case interrupted
  /// The system refused, with its error number.
  case failed(Int32)
}

/// Bytes that can be read from any place: a file, or memory in tests.
package protocol ByteSource: Sendable {
  /// The bytes the source held when it was opened.
  var byteCount: UInt64 { get }

  /// Reads once at an offset; may give fewer bytes than the buffer takes.
  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome

  /// Whether the source is still what it was when it was opened.
  func isUnchanged() -> Bool
}

extension ByteSource {
  /// Reads until the buffer is full, over short and interrupted reads; gives the fault if it cannot.
  package func fill(
    _ buffer: UnsafeMutableRawBufferPointer, at offset: UInt64, field: String
  ) -> ModelError? {
    var done = 0
    while done < buffer.count {
      let place = offset + UInt64(done)
      switch read(at: place, into: .init(rebasing: buffer[done...])) {
      case .bytes(let count) where count > 0 && count <= buffer.count - done:
        done += count
      case .bytes(0):
        return ModelError(
          .truncated, field: field, offset: place, "the file ended while it was read")
      case .bytes(let count):
        return ModelError(.unreadable, field: field, offset: place, "a read gave \(count) bytes")
      case .interrupted:
        continue
      case .failed(let code):
        return ModelError(
          .unreadable, field: field, offset: place, "reading failed: \(RegularFile.reason(code))")
      }
    }
    return nil
  }
}
