import Tensor

/// Integers of 4 bits packed into words along the output, with zeros likewise: `awq`.
struct AWQWeights: FolderQuantization {
  static let method = "awq"

  private let group: Int?

  init(_ settings: QuantizationSettings) throws(ModelError) {
    let bits = try settings.integer("bits", in: 1...16) ?? 4
    guard bits == 4 else { throw settings.unsupported("bits", "\(bits); 4 can be read") }
    let group = try settings.integer("group_size", in: -1...65_536) ?? 128
    self.group = group > 0 ? group : nil
    let version = try settings.text("version") ?? "gemm"
    guard version.lowercased() == "gemm" else {
      throw settings.unsupported("version", "\(version.debugDescription) is not gemm")
    }
  }

  func assembled(_ stored: StoredTensors) throws(ModelError) -> [AssembledTensor] {
    var tensors: [AssembledTensor] = []
    for name in stored.beginnings(of: ".qweight") {
      let words = try stored.matrix("\(name).qweight", types: ["I32"])
      let columns = words.shape[0]
      let rows = try IntegerRows.columns(words: words.shape[1], bits: 4, of: words)
      let integers = try IntegerRows(
        bits: 4, columns: columns, group: group ?? columns, field: words.name)
      let zeros = try stored.matrix("\(name).qzeros", types: ["I32"])
      try StoredTensors.check(zeros, shape: [integers.groups, words.shape[1]])
      let scales = try stored.matrix("\(name).scales", types: ["F16", "BF16", "F32"])
      try StoredTensors.check(scales, shape: [integers.groups, rows])
      tensors.append(
        try AssembledTensor(
          name: "\(name).weight", shape: [rows, columns], format: integers.format,
          parts: [words, zeros, scales],
          maker: AWQRows(rows: rows, integers: integers, scaleType: scales.type)))
    }
    return tensors
  }
}

/// Turns integers packed along the output into rows.
struct AWQRows: RowMaker {
  let rows: Int
  let integers: IntegerRows
  let scaleType: String

  /// Words of a line of the cache.
  private static let stripWords = 16
  /// The row of each four bits of a word, the lowest first.
  private static let order = [0, 2, 4, 6, 1, 3, 5, 7]

  func make(
    _ parts: [UnsafeRawBufferPointer], into out: UnsafeMutableRawBufferPointer
  ) throws(ModelError) {
    let words = rows / 8
    let strip = CodeStrip(rows: 8 * Self.stripWords, columns: integers.columns)
    for first in stride(from: 0, to: words, by: Self.stripWords) {
      let count = min(Self.stripWords, words - first)
      for column in 0..<integers.columns {
        for word in 0..<count {
          let bits = parts[0].word(column * words + first + word)
          for (index, row) in Self.order.enumerated() {
            strip.row(8 * word + row)[column] = UInt8(bits >> UInt32(4 * index) & 15)
          }
        }
      }
      for row in 0..<8 * count {
        integers.write(row: 8 * first + row, codes: strip.row(row), into: out) { group in
          let place = 8 * first + row
          let bits = parts[1].word(group * words + place / 8)
          let index = UInt32(Self.order.firstIndex(of: place % 8) ?? 0)
          return (
            ScaleGrid.number(parts[2], group * rows + place, scaleType),
            UInt8(bits >> (4 * index) & 15)
          )
        }
      }
    }
  }
}
