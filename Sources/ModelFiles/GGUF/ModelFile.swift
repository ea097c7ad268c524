/// A model file whose header has been checked and whose tensors can be read, in one pass.
///
/// The file is never mapped: tensors are read into anonymous memory, so that a file that is replaced
/// or shortened later cannot reach a running model.
package struct ModelFile: Sendable {
  /// The checked header.
  package let header: GGUFHeader
  private let source: any ByteSource

  /// Opens a file and checks its header.
  package init(
    path: String, types: TensorTypes, limits: ModelFileLimits = .standard, mayBePart: Bool = false
  ) throws(ModelError) {
    try self.init(
      source: RegularFile(path: path), types: types, limits: limits, mayBePart: mayBePart)
  }

  /// Checks the header of a source.
  ///
  /// - Parameter mayBePart: Whether the file may be one part of several.
  package init(
    source: any ByteSource, types: TensorTypes, limits: ModelFileLimits = .standard,
    mayBePart: Bool = false
  ) throws(ModelError) {
    var reader = HeaderReader(source, limits: limits)
    header = try GGUFHeader(from: &reader, types: types, mayBePart: mayBePart)
    self.source = source
  }

  /// The size of the file.
  package var byteCount: UInt64 { source.byteCount }

  /// The size of the largest tensor.
  package var largestTensor: UInt64 {
    header.tensors.reduce(0) { max($0, UInt64($1.byteRange.count)) }
  }

  /// Reads the file from start to end, hands each tensor's bytes over, and returns the file's hash.
  ///
  /// The bytes handed to `visit` are valid during the call only. What `visit` has built must be
  /// thrown away when this throws: the hash is known, and compared, after the last tensor.
  ///
  /// - Parameters:
  ///   - digest: The hash that the file must have.
  ///   - progress: Receives the bytes read so far and the size of the file, every few megabytes.
  ///   - visit: Receives each tensor, in the order of the file.
  /// - Throws: A `ModelError`, or what `visit` throws.
  /// - Complexity: One read of the file, and one buffer as large as the largest tensor.
  @discardableResult
  package func read(
    expecting digest: FileDigest? = nil,
    progress: (UInt64, UInt64) -> Void = { _, _ in },
    visit: (TensorInfo, UnsafeRawBufferPointer) throws -> Void
  ) throws -> FileDigest {
    var stream = HashingStream(source)
    let size = Int(clamping: max(largestTensor, UInt64(HashingStream.chunkLength)))
    let buffer = try LoadBuffer(byteCount: size, field: "file")
    try stream.pass(to: header.byteCount, field: "header", through: buffer.bytes)
    for tensor in header.tensors {
      try stream.passPadding(to: tensor.byteRange.lowerBound, through: buffer.bytes)
      let bytes = UnsafeMutableRawBufferPointer(
        rebasing: buffer.bytes[..<tensor.byteRange.count])
      try stream.read(into: bytes, field: tensor.name, progress: progress)
      try visit(tensor, UnsafeRawBufferPointer(bytes))
    }
    let end = header.tensors.last?.byteRange.upperBound ?? header.byteCount
    let padded = try GGUFHeader.aligned(end, header.alignment, field: "file")
    try stream.passPadding(to: min(padded, source.byteCount), through: buffer.bytes)
    try stream.pass(to: source.byteCount, field: "file", through: buffer.bytes)
    progress(source.byteCount, source.byteCount)
    guard source.isUnchanged() else {
      throw ModelError(.unreadable, field: "file", "the file changed while it was read")
    }
    return try stream.finish().checked(against: digest, field: "file")
  }
}
