import Tensor

/// Writes rows of integers, with scales and zeros that groups of a row share.
struct IntegerRows: Sendable {
  /// K.
  let columns: Int
  /// Columns that share a scale.
  let group: Int
  /// How rows are laid out.
  let format: any WeightFormat.Type
  /// The bits of an integer: 8, or up to 4, which all take as much.
  let bits: Int

  /// Chooses a layout; refuses what has none, naming a tensor.
  init(bits: Int, columns: Int, group: Int, field: String) throws(ModelError) {
    (self.bits, self.columns, self.group) = (bits, columns, group)
    switch bits {
    case 2...4 where group.isMultiple(of: INT4_G128.blockLength): format = INT4_G128.self
    case 2...4: format = INT4_G32.self
    case 8: format = INT8_G32.self
    default:
      throw ModelError(
        .unsupported, field: field, "integers of \(bits) bits; those of 4 and 8 can be read")
    }
    guard group.isMultiple(of: format.blockLength) else {
      throw ModelError(
        .unsupported, field: field,
        "a scale for each \(group) columns; multiples of \(format.blockLength) are supported")
    }
  }

  /// The integers in some words; refuses other numbers of bits than can be read.
  static func columns(
    words: Int, bits: Int, of tensor: SafetensorsHeader.Tensor
  ) throws(ModelError) -> Int {
    guard bits == 4 || bits == 8 else {
      throw ModelError(
        .unsupported, field: tensor.name, "integers of \(bits) bits; those of 4 and 8 can be read")
    }
    let (columns, overflow) = words.multipliedReportingOverflow(by: 32 / bits)
    guard !overflow else {
      throw ModelError(.limit, field: tensor.name, "a tensor of \(tensor.shape) is too large")
    }
    return columns
  }

  /// Groups of a row.
  var groups: Int { (columns - 1) / group + 1 }

  /// Writes a row.
  ///
  /// - Parameters:
  ///   - codes: The row's integers, from 0 up, `[K]`.
  ///   - number: The scale and the zero of a group.
  func write(
    row: Int, codes: UnsafePointer<UInt8>, into rows: UnsafeMutableRawBufferPointer,
    _ number: (Int) -> (scale: Float, zero: UInt8)
  ) {
    let length = format.blockLength
    let blocks = columns / length
    for block in 0..<blocks {
      let start = (row * blocks + block) * format.blockBytes
      let (scale, zero) = number(block * length / group)
      rows.storeBytes(of: scale, toByteOffset: start, as: Float.self)
      rows[start + 4] = zero
      let source = codes + block * length
      for index in 0..<(bits == 8 ? length : length / 2) {
        rows[start + 5 + index] =
          bits == 8 ? source[index] : source[2 * index] | source[2 * index + 1] << 4
      }
    }
  }
}

/// Memory for the integers of some rows, one byte each.
struct CodeStrip: ~Copyable {
  /// `[rows, columns]`.
  let codes: UnsafeMutablePointer<UInt8>
  private let columns: Int

  /// Takes memory.
  init(rows: Int, columns: Int) {
    codes = .allocate(capacity: rows * columns)
    self.columns = columns
  }

  deinit {
    codes.deallocate()
  }

  /// The integers of a row.
  func row(_ row: Int) -> UnsafeMutablePointer<UInt8> { codes + row * columns }
}

extension UnsafeRawBufferPointer {
  /// The word at a place.
  func word(_ place: Int) -> UInt32 {
    loadUnaligned(fromByteOffset: 4 * place, as: UInt32.self)
  }
}
