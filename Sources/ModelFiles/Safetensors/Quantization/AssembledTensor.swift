import Tensor

/// A tensor that is made of several stored ones while these are read: values and their scales.
struct AssembledTensor: Sendable {
  /// The name that the values would have by themselves.
  let name: String
  /// The lengths, the slowest-running first.
  let shape: [Int]
  /// How the rows that are made are laid out.
  let format: any WeightFormat.Type
  /// The bytes of these rows.
  let byteCount: Int
  /// What is needed, the values first.
  let parts: [SafetensorsHeader.Tensor]
  /// What makes the rows.
  let maker: any RowMaker

  /// Creates a tensor; refuses rows that are not in whole blocks, and sizes beyond limits.
  init(
    name: String, shape: [Int], format: any WeightFormat.Type,
    parts: [SafetensorsHeader.Tensor], maker: any RowMaker
  ) throws(ModelError) {
    let columns = shape.last ?? 0
    guard columns > 0, columns.isMultiple(of: format.blockLength) else {
      throw ModelError(
        .unsupported, field: parts[0].name,
        "rows of \(columns) are no multiple of \(format.blockLength), as \(format.name) needs")
    }
    var bytes = columns / format.blockLength * format.blockBytes
    for length in shape.dropLast() {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: length)
      guard !overflow, UInt64(product) <= ModelFileLimits.standard.tensorBytes else {
        throw ModelError(.limit, field: parts[0].name, "a tensor of \(shape) is too large")
      }
      bytes = product
    }
    (self.name, self.shape, self.format) = (name, shape, format)
    (self.parts, self.maker) = (parts, maker)
    byteCount = bytes
  }
}

/// Makes the rows of an assembled tensor.
protocol RowMaker: Sendable {
  /// Fills all rows.
  ///
  /// - Parameters:
  ///   - parts: The bytes of the parts, whose sizes were checked when the folder was opened.
  ///   - rows: Memory for just the rows.
  /// - Throws: A `ModelError` where values break the rules.
  func make(
    _ parts: [UnsafeRawBufferPointer], into rows: UnsafeMutableRawBufferPointer
  ) throws(ModelError)
}

/// The tensors that a folder stores, by name.
struct StoredTensors {
  private let byName: [String: SafetensorsHeader.Tensor]

  /// Lists tensors with unique names; of two equal names the first counts.
  init(_ tensors: [SafetensorsHeader.Tensor]) {
    byName = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
  }

  /// The tensor of a name, where there is one.
  subscript(name: String) -> SafetensorsHeader.Tensor? { byName[name] }

  /// What stands before an ending in the names that have it, in order.
  func beginnings(of ending: String) -> [String] {
    byName.keys.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }.sorted()
  }

  /// The tensor of a name, which must be of one of some types.
  func tensor(_ name: String, types: [String]) throws(ModelError) -> SafetensorsHeader.Tensor {
    guard let tensor = byName[name] else {
      throw ModelError(.missing, field: name, "the quantised weights beside it need this tensor")
    }
    guard types.contains(tensor.type) else {
      throw ModelError(
        .unsupported, field: name,
        "stored as \(tensor.type); here \(types.joined(separator: ", ")) can be read")
    }
    return tensor
  }

  /// The matrix of a name, which must be of one of some types.
  func matrix(_ name: String, types: [String]) throws(ModelError) -> SafetensorsHeader.Tensor {
    let tensor = try tensor(name, types: types)
    guard tensor.shape.count == 2 else {
      throw ModelError(
        .unsupported, field: name, "the shape is \(tensor.shape); a matrix is needed")
    }
    return tensor
  }

  /// Checks a tensor's shape.
  static func check(
    _ tensor: SafetensorsHeader.Tensor, shape: [Int]
  ) throws(ModelError) {
    guard tensor.shape == shape else {
      throw ModelError(
        .invalid, field: tensor.name,
        "the shape is \(tensor.shape); the weights beside it ask for \(shape)")
    }
  }
}
