import Tensor

/// Integers of 4 or 8 bits packed into words along the input, with zeros along the output: `gptq`.
struct GPTQWeights: FolderQuantization {
  static let method = "gptq"

  private let bits: Int
  private let group: Int?
  /// What is added to stored zeros.
  private let zeroOffset: UInt32

  init(_ settings: QuantizationSettings) throws(ModelError) {
    bits = try settings.integer("bits", in: 1...16) ?? 4
    let group = try settings.integer("group_size", in: -1...65_536) ?? 128
    self.group = group > 0 ? group : nil
    let form = try settings.text("checkpoint_format") ?? "gptq"
    switch form {
    case "gptq": zeroOffset = 1
    case "gptq_v2": zeroOffset = 0
    default:
      throw settings.unsupported(
        "checkpoint_format", "\(form.debugDescription) is not one of gptq, gptq_v2")
    }
  }

  func assembled(_ stored: StoredTensors) throws(ModelError) -> [AssembledTensor] {
    var tensors: [AssembledTensor] = []
    for name in stored.beginnings(of: ".qweight") {
      let words = try stored.matrix("\(name).qweight", types: ["I32"])
      let rows = words.shape[1]
      let columns = try IntegerRows.columns(words: words.shape[0], bits: bits, of: words)
      let integers = try IntegerRows(
        bits: bits, columns: columns, group: group ?? columns, field: words.name)
      let zeros = try stored.matrix("\(name).qzeros", types: ["I32"])
      try StoredTensors.check(zeros, shape: [integers.groups, (rows * bits - 1) / 32 + 1])
      let scales = try stored.matrix("\(name).scales", types: ["F16", "BF16", "F32"])
      try StoredTensors.check(scales, shape: [integers.groups, rows])
      var parts = [words, zeros, scales]
      if stored["\(name).g_idx"] != nil {
        let order = try stored.tensor("\(name).g_idx", types: ["I32"])
        try StoredTensors.check(order, shape: [columns])
        parts.append(order)
      }
      tensors.append(
        try AssembledTensor(
          name: "\(name).weight", shape: [rows, columns], format: integers.format, parts: parts,
          maker: GPTQRows(
            rows: rows, integers: integers, scaleType: scales.type, zeroOffset: zeroOffset,
            order: parts.count == 4 ? parts[3].name : nil)))
    }
    return tensors
  }
}

/// Turns integers packed along the input into rows.
struct GPTQRows: RowMaker {
  let rows: Int
  let integers: IntegerRows
  let scaleType: String
  let zeroOffset: UInt32
  /// The tensor that says which group a column belongs to.
  let order: String?

  /// Rows that are made at a time, as a line of the cache has words.
  private static let stripRows = 16

  func make(
    _ parts: [UnsafeRawBufferPointer], into out: UnsafeMutableRawBufferPointer
  ) throws(ModelError) {
    if let order { try checkOrder(parts[3], field: order) }
    let strip = CodeStrip(rows: Self.stripRows, columns: integers.columns)
    for first in stride(from: 0, to: rows, by: Self.stripRows) {
      let count = min(Self.stripRows, rows - first)
      unpack(parts[0], first: first, count: count, into: strip)
      for row in 0..<count {
        try checkZeros(parts[1], row: first + row)
        integers.write(row: first + row, codes: strip.row(row), into: out) { group in
          (
            ScaleGrid.number(parts[2], group * rows + first + row, scaleType),
            UInt8(truncatingIfNeeded: zero(parts[1], row: first + row, group: group))
          )
        }
      }
    }
  }

  private func unpack(
    _ words: UnsafeRawBufferPointer, first: Int, count: Int, into strip: borrowing CodeStrip
  ) {
    let perWord = 32 / integers.bits
    let mask = UInt32(1) << UInt32(integers.bits) - 1
    for word in 0..<integers.columns / perWord {
      for row in 0..<count {
        var rest = words.word(word * rows + first + row)
        let codes = strip.row(row) + word * perWord
        for index in 0..<perWord {
          codes[index] = UInt8(rest & mask)
          rest >>= UInt32(integers.bits)
        }
      }
    }
  }

  private func zero(_ words: UnsafeRawBufferPointer, row: Int, group: Int) -> UInt32 {
    let perWord = 32 / integers.bits
    let mask = UInt32(1) << UInt32(integers.bits) - 1
    let word = words.word(group * ((rows - 1) / perWord + 1) + row / perWord)
    return (word >> UInt32(row % perWord * integers.bits) & mask) + zeroOffset
  }

  /// Refuses a zero of 256, which no byte holds.
  private func checkZeros(_ words: UnsafeRawBufferPointer, row: Int) throws(ModelError) {
    for group in 0..<integers.groups where zero(words, row: row, group: group) > 255 {
      throw ModelError(.unsupported, field: "qzeros", "a zero of 256 in row \(row)")
    }
  }

  /// Refuses columns whose groups are not in order.
  private func checkOrder(
    _ groups: UnsafeRawBufferPointer, field: String
  ) throws(ModelError) {
    for column in 0..<integers.columns
    where groups.word(column) != UInt32(column / integers.group) {
      throw ModelError(
        .unsupported, field: field,
        "column \(column) is of group \(groups.word(column)): columns in the order of activations"
          + " are not supported")
    }
  }
}
