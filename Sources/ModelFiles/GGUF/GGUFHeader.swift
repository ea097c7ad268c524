/// The checked header of a GGUF file: its metadata, and tensors whose bytes tile the rest of the file.
package struct GGUFHeader: Sendable {
  /// The version of the format, 2 or 3.
  package let version: UInt32
  /// The multiple on which the data of every tensor starts.
  package let alignment: UInt64
  /// The metadata.
  package let metadata: Metadata
  /// The tensors in the order of their data.
  package let tensors: [TensorInfo]
  /// The bytes before the padding that ends the header.
  package let byteCount: UInt64
  /// Where the data of the first tensor starts.
  package let dataStart: UInt64
  /// Which part of a model the file is, where it says so.
  package let split: GGUFSplit?

  /// Parses and checks the header that the reader stands before; nothing in it is trusted.
  ///
  /// - Parameter mayBePart: Whether the file may be one part of several, whose tensors alone are no
  ///   model.
  package init(
    from reader: inout HeaderReader, types: TensorTypes, mayBePart: Bool = false
  ) throws(ModelError) {
    version = try Self.version(from: &reader)
    let tensorCount = try Self.count(
      "tensor_count", limit: reader.limits.tensors, entryBytes: 32, isNeeded: false,
      from: &reader)
    let entryCount = try Self.count(
      "metadata_kv_count", limit: reader.limits.metadataEntries, entryBytes: 14, from: &reader)
    metadata = try Metadata(entryCount, from: &reader)
    alignment = try Self.alignment(metadata, limits: reader.limits)
    let declared = try TensorDeclaration.list(tensorCount, from: &reader)
    byteCount = reader.offset
    dataStart = try Self.aligned(byteCount, alignment, field: "general.alignment")
    let layout = TensorLayout(dataStart: dataStart, alignment: alignment, reader: reader)
    tensors = try layout.place(declared, types: types)
    split = try Self.split(metadata, tensors: tensors.count, mayBePart: mayBePart)
    try checkEnd(of: reader.fileSize, limits: reader.limits)
  }

  /// The header of a whole model: the metadata of its first part, and the tensors of all.
  init(joining parts: [(name: String, header: GGUFHeader)]) throws(ModelError) {
    let first = parts[0].header
    (version, alignment, metadata) = (first.version, first.alignment, first.metadata)
    (byteCount, dataStart, split) = (first.byteCount, first.dataStart, first.split)
    var files: [String: String] = [:]
    for (name, header) in parts {
      for tensor in header.tensors {
        if let other = files.updateValue(name, forKey: tensor.name) {
          throw ModelError(
            .duplicate, field: "\(name): \(tensor.name)", "the tensor stands in \(other) too")
        }
      }
    }
    tensors = parts.flatMap(\.header.tensors)
    let most = ModelFileLimits.standard.tensors
    guard !tensors.isEmpty, UInt64(tensors.count) <= most else {
      throw ModelError(
        .limit, field: "split.tensors.count", "\(tensors.count) tensors; 1...\(most) are allowed")
    }
    if let count = first.split?.tensors, count != tensors.count {
      throw ModelError(
        .invalid, field: "split.tensors.count",
        "\(count); all files together have \(tensors.count)")
    }
  }

  /// Refuses a file that goes on long after its last tensor; some programs leave a little there.
  private func checkEnd(of size: UInt64, limits: ModelFileLimits) throws(ModelError) {
    let end = tensors.last?.byteRange.upperBound ?? byteCount
    let padded = try Self.aligned(end, alignment, field: "file")
    guard size > padded else { return }
    guard size - padded <= limits.trailingBytes else {
      throw ModelError(
        .layout, field: "file", offset: padded,
        "\(size - padded) bytes behind the last tensor belong to none; at most"
          + " \(limits.trailingBytes) are passed over")
    }
    metadata.notes.warn(
      "file", "\(size - padded) bytes behind the last tensor belong to none; nothing reads them")
  }

  private static func version(from reader: inout HeaderReader) throws(ModelError) -> UInt32 {
    guard try reader.integer(UInt32.self, field: "magic") == 0x4655_4747 else {
      throw ModelError(.unsupported, field: "magic", offset: 0, "the file is not a GGUF file")
    }
    let version = try reader.integer(UInt32.self, field: "version")
    guard version == 2 || version == 3 else {
      let order = (1...3).contains(version.byteSwapped) ? ", written big-endian," : ""
      throw ModelError(
        .unsupported, field: "version", offset: 4,
        "version \(order.isEmpty ? version : version.byteSwapped)\(order) is not 2 or 3"
          + " in little-endian order")
    }
    return version
  }

  private static func count(
    _ field: String, limit: UInt64, entryBytes: UInt64, isNeeded: Bool = true,
    from reader: inout HeaderReader
  ) throws(ModelError) -> UInt64 {
    let start = reader.offset
    let count = try reader.integer(UInt64.self, field: field)
    guard count > 0 || !isNeeded else {
      throw ModelError(.missing, field: field, offset: start, "the count is 0")
    }
    guard count <= limit, count <= reader.remaining / entryBytes else {
      throw ModelError(
        .limit, field: field, offset: start,
        "\(count); at most \(limit) are allowed, and \(reader.remaining / entryBytes) could fit"
          + " the file")
    }
    return count
  }

  private static func alignment(
    _ metadata: Metadata, limits: ModelFileLimits
  ) throws(ModelError) -> UInt64 {
    let key = "general.alignment"
    guard let entry = metadata[key] else { return 32 }
    guard case .unsigned(let value) = entry.value, limits.alignment.contains(value),
      value.nonzeroBitCount == 1
    else {
      throw ModelError(
        .invalid, field: key, offset: entry.offset,
        "the alignment must be a power of two in \(limits.alignment.lowerBound)"
          + "...\(limits.alignment.upperBound)")
    }
    return value
  }

  /// Which part of a model the file is; nil where it is a whole one.
  private static func split(
    _ metadata: Metadata, tensors: Int, mayBePart: Bool
  ) throws(ModelError) -> GGUFSplit? {
    let parts = try metadata.integerIfPresent("split.count", in: 0...Int.max) ?? 0
    guard parts > 1 else {
      _ = try metadata.integerIfPresent("split.no", in: 0...0)
      _ = try metadata.integerIfPresent("split.tensors.count", in: tensors...tensors)
      return nil
    }
    guard mayBePart else {
      throw ModelError(
        .unsupported, field: "split.count", offset: metadata["split.count"]?.offset,
        "the file is one of \(parts) of a model; name it by its path, beside the others")
    }
    return GGUFSplit(
      number: try metadata.integerIfPresent("split.no", in: 0...parts - 1) ?? 0, count: parts,
      tensors: try metadata.integerIfPresent("split.tensors.count", in: tensors...Int.max))
  }

  /// The first multiple of a power of two that is not below an offset.
  static func aligned(
    _ offset: UInt64, _ alignment: UInt64, field: String
  ) throws(ModelError) -> UInt64 {
    let (sum, overflow) = offset.addingReportingOverflow(alignment - 1)
    guard !overflow else {
      throw ModelError(.limit, field: field, offset: offset, "the padded size is beyond 64 bits")
    }
    return sum & ~(alignment - 1)
  }
}
