/// A tensor as the header declares it, before its size and place are known to make sense.
struct TensorDeclaration {
  /// The name, unique in the file.
  let name: String
  /// The lengths as the file lists them, the fastest-running first.
  let dimensions: [UInt64]
  /// The number of the storage type.
  let fileType: UInt32
  /// Where the data starts, from the start of the first tensor's data.
  let dataOffset: UInt64
  /// The place of the declaration in the file.
  let offset: UInt64

  // What a declaration, its placed twin and the set of names take beside the name's bytes.
  private static let memory: UInt64 = 512

  /// Reads `count` declarations.
  static func list(
    _ count: UInt64, from reader: inout HeaderReader
  ) throws(ModelError) -> [TensorDeclaration] {
    var result: [TensorDeclaration] = []
    var names: Set<String> = []
    for number in 0..<count {
      let tensor = try TensorDeclaration(number, from: &reader)
      guard names.insert(tensor.name).inserted else {
        throw ModelError(
          .duplicate, field: tensor.name, offset: tensor.offset, "the tensor stands twice")
      }
      result.append(tensor)
    }
    return result
  }

  private init(_ number: UInt64, from reader: inout HeaderReader) throws(ModelError) {
    offset = reader.offset
    let label = "tensor name \(number)"
    let name = try reader.string(atMost: reader.limits.tensorNameBytes, field: label)
    guard !name.isEmpty, !name.utf8.contains(0) else {
      throw ModelError(
        .invalid, field: label, offset: offset,
        name.isEmpty ? "the name is empty" : "the name holds a NUL")
    }
    self.name = name
    try reader.grant(Self.memory, field: name)
    let rank = try reader.integer(UInt32.self, field: name)
    guard reader.limits.dimensions.contains(UInt64(rank)) else {
      throw ModelError(.limit, field: name, offset: offset, "the tensor has \(rank) dimensions")
    }
    var dimensions: [UInt64] = []
    for _ in 0..<rank { dimensions.append(try reader.integer(UInt64.self, field: name)) }
    self.dimensions = dimensions
    fileType = try reader.integer(UInt32.self, field: name)
    dataOffset = try reader.integer(UInt64.self, field: name)
  }
}

/// Gives declared tensors their place in the file and checks that there is nothing between them.
struct TensorLayout {
  private let dataStart: UInt64
  private let alignment: UInt64
  private let fileSize: UInt64
  private let limits: ModelFileLimits

  /// Creates a layout for the part of the reader's file behind the header.
  init(dataStart: UInt64, alignment: UInt64, reader: HeaderReader) {
    self.dataStart = dataStart
    self.alignment = alignment
    fileSize = reader.fileSize
    limits = reader.limits
  }

  /// The tensors in the order of their data.
  func place(
    _ declared: [TensorDeclaration], types: TensorTypes
  ) throws(ModelError) -> [TensorInfo] {
    var placed: [TensorInfo] = []
    placed.reserveCapacity(declared.count)
    for tensor in declared { placed.append(try place(tensor, types: types)) }
    placed.sort { $0.byteRange.lowerBound < $1.byteRange.lowerBound }
    try checkCoverage(placed)
    return placed
  }

  private func place(
    _ tensor: TensorDeclaration, types: TensorTypes
  ) throws(ModelError) -> TensorInfo {
    guard let layout = types[tensor.fileType] else {
      throw ModelError(
        .unsupported, field: tensor.name, offset: tensor.offset,
        "\(GGUFTypes.name(tensor.fileType)) is not supported")
    }
    var elementCount = 1
    var dimensions: [Int] = []
    for length in tensor.dimensions {
      guard length > 0 else {
        throw ModelError(
          .invalid, field: tensor.name, offset: tensor.offset, "a dimension has length 0")
      }
      let (product, overflow) = elementCount.multipliedReportingOverflow(
        by: Int(clamping: length))
      guard !overflow, length <= UInt64(Int.max) else { throw tooLarge(tensor) }
      elementCount = product
      dimensions.append(Int(length))
    }
    guard let row = dimensions.first, row % layout.blockLength == 0 else {
      throw ModelError(
        .invalid, field: tensor.name, offset: tensor.offset,
        "rows of \(tensor.dimensions.first ?? 0) are no multiple of \(layout.name)'s blocks of"
          + " \(layout.blockLength)")
    }
    let (size, overflow) = UInt64(elementCount / layout.blockLength)
      .multipliedReportingOverflow(by: UInt64(layout.blockBytes))
    guard !overflow, size <= limits.tensorBytes else { throw tooLarge(tensor) }
    return TensorInfo(
      name: tensor.name, dimensions: dimensions, fileType: tensor.fileType, layout: layout,
      elementCount: elementCount, byteRange: try range(of: tensor, size: size))
  }

  private func range(
    of tensor: TensorDeclaration, size: UInt64
  ) throws(ModelError) -> Range<UInt64> {
    guard tensor.dataOffset % alignment == 0 else {
      throw ModelError(
        .invalid, field: tensor.name, offset: tensor.offset,
        "data offset \(tensor.dataOffset) is no multiple of the alignment \(alignment)")
    }
    let (start, startOverflow) = dataStart.addingReportingOverflow(tensor.dataOffset)
    let (end, endOverflow) = start.addingReportingOverflow(size)
    guard !startOverflow, !endOverflow else { throw tooLarge(tensor) }
    guard end <= fileSize else {
      throw ModelError(
        .truncated, field: tensor.name, offset: tensor.offset,
        "the data ends at byte \(end) of a file of \(fileSize)")
    }
    return start..<end
  }

  private func tooLarge(_ tensor: TensorDeclaration) -> ModelError {
    ModelError(
      .limit, field: tensor.name, offset: tensor.offset,
      "a tensor of \(tensor.dimensions) at \(tensor.dataOffset) is too large; at most"
        + " \(limits.tensorBytes) bytes are allowed")
  }

  private func checkCoverage(_ placed: [TensorInfo]) throws(ModelError) {
    var expected = dataStart
    for tensor in placed {
      let start = tensor.byteRange.lowerBound
      guard start == expected else {
        throw ModelError(
          .layout, field: tensor.name, offset: start,
          start < expected
            ? "the data overlaps the tensor before it, which ends at byte \(expected) padded"
            : "\(start - expected) bytes before the data belong to no tensor")
      }
      expected = try GGUFHeader.aligned(
        tensor.byteRange.upperBound, alignment, field: tensor.name)
    }
  }
}
