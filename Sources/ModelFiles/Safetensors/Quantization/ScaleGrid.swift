import Tensor

/// Numbers that parts of a matrix share: one for all, for each row, for groups of a row, or for blocks.
struct ScaleGrid: Sendable {
  /// The types that scales may have.
  static let types = ["F32", "BF16", "F16", "F8_E8M0"]

  /// Rows that share a number.
  let rows: Int
  /// Columns that share one.
  let columns: Int
  /// Numbers along a row.
  private let stride: Int
  private let type: String

  /// Finds out what shares a number by a tensor's shape.
  ///
  /// - Parameters:
  ///   - shape: The matrix's, `[N, K]`.
  ///   - block: What the settings say, where they do.
  init(
    _ tensor: SafetensorsHeader.Tensor, of shape: [Int], block: (rows: Int, columns: Int)? = nil
  ) throws(ModelError) {
    let (n, k) = (shape[0], shape[1])
    var counts = tensor.shape
    if counts.isEmpty { counts = [1] }
    // A number for each row may stand without a second length.
    if counts.count == 1 { counts.append(1) }
    func unfit() -> ModelError {
      ModelError(
        .invalid, field: tensor.name,
        "the shape is \(tensor.shape), which does not fit weights of \(shape)")
    }
    guard counts.count == 2 else { throw unfit() }
    func shared(_ count: Int, _ length: Int, _ size: Int) -> Int? {
      if count == 1 { return max(size, length) }
      if count == length { return 1 }
      return (length - 1) / size + 1 == count ? size : nil
    }
    // Groups of columns have any size; rows stand alone, or in the blocks that there are.
    let group = k.isMultiple(of: counts[1]) ? k / counts[1] : nil
    guard let rows = shared(counts[0], n, block?.rows ?? 128),
      let columns = shared(counts[1], k, block?.columns ?? 128) ?? group
    else { throw unfit() }
    (self.rows, self.columns) = (rows, columns)
    stride = counts[1]
    type = tensor.type
  }

  /// The number of a place.
  func value(_ bytes: UnsafeRawBufferPointer, row: Int, column: Int) -> Float {
    Self.number(bytes, place(row: row, column: column), type)
  }

  /// The place among all numbers of that for a place of the matrix.
  func place(row: Int, column: Int) -> Int { row / rows * stride + column / columns }

  /// A number of a type by its place.
  static func number(_ bytes: UnsafeRawBufferPointer, _ place: Int, _ type: String) -> Float {
    switch type {
    case "F32": bytes.loadUnaligned(fromByteOffset: 4 * place, as: Float.self)
    case "BF16":
      Float(
        bitPattern: UInt32(bytes.loadUnaligned(fromByteOffset: 2 * place, as: UInt16.self)) << 16)
    case "F16": half(bytes.loadUnaligned(fromByteOffset: 2 * place, as: UInt16.self))
    default: exponent(bytes[place])
    }
  }

  private static func half(_ bits: UInt16) -> Float {
    withUnsafeBytes(of: bits) { source in
      var value: Float = 0
      withUnsafeMutablePointer(to: &value) {
        F16.decode(source, into: UnsafeMutableBufferPointer(start: $0, count: 1))
      }
      return value
    }
  }

  /// A power of two; the greatest exponent stands for a NaN.
  private static func exponent(_ bits: UInt8) -> Float {
    bits == 0xFF ? .nan : Float(sign: .plus, exponent: Int(bits) - 127, significand: 1)
  }
}
