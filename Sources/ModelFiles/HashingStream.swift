import Platform

/// A source read from its start, each byte once and in order, and hashed while it is in the cache.
struct HashingStream {
  /// Bytes read and hashed at a time.
  static let chunkLength = 1 << 20

  private let source: any ByteSource
  private var offset: UInt64 = 0
  private var hash = SHA256()

  /// Creates a stream at the start of a source.
  init(_ source: any ByteSource) {
    self.source = source
  }

  /// Fills a buffer from the stream.
  mutating func read(
    into buffer: UnsafeMutableRawBufferPointer, field: String,
    progress: (UInt64, UInt64) -> Void = { _, _ in }
  ) throws(ModelError) {
    var done = 0
    while done < buffer.count {
      let end = min(buffer.count, done + Self.chunkLength)
      let chunk = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<end])
      if let fault = source.fill(chunk, at: offset, field: field) { throw fault }
      hash.update(UnsafeRawBufferPointer(chunk))
      offset += UInt64(chunk.count)
      done = end
      progress(offset, source.byteCount)
    }
  }

  /// Reads up to a place and keeps nothing but the hash.
  mutating func pass(
    to end: UInt64, field: String, through buffer: UnsafeMutableRawBufferPointer
  ) throws(ModelError) {
    while offset < end {
      let count = Int(clamping: min(end - offset, UInt64(min(buffer.count, Self.chunkLength))))
      try read(into: .init(rebasing: buffer[..<count]), field: field)
    }
  }

  /// Reads the padding up to a place, which must be less than one alignment and all zero.
  mutating func passPadding(
    to end: UInt64, through buffer: UnsafeMutableRawBufferPointer
  ) throws(ModelError) {
    guard offset < end else { return }
    let start = offset
    let count = Int(clamping: min(end - offset, UInt64(buffer.count)))
    let padding = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
    try read(into: padding, field: "padding")
    if let wrong = padding.firstIndex(where: { $0 != 0 }) {
      throw ModelError(
        .layout, field: "padding", offset: start + UInt64(wrong),
        "the padding holds a byte of \(padding[wrong])")
    }
  }

  /// The hash of all that was read.
  func finish() -> FileDigest {
    FileDigest(hash.finalize())
  }
}
