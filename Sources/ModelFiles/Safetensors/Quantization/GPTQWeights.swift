import JSON
import Tensor

/// Integers of 2, 3, 4 or 8 bits packed into words along the input, with zeros along the output: `gptq`.
///
/// Columns in the order of activations have the groups that `g_idx` says; their weights become float32.
struct GPTQWeights: FolderQuantization {
  static let method = "gptq"

  private let bits: Int
  private let group: Int?
  /// Whether columns may belong to any group.
  private let isReordered: Bool
  /// What is added to stored zeros.
  private let zeroOffset: UInt32

  init(_ settings: QuantizationSettings) throws(ModelError) {
    bits = try settings.integer("bits", in: 1...16) ?? 4
    guard [2, 3, 4, 8].contains(bits) else {
      throw settings.unsupported("bits", "\(bits); 2, 3, 4 and 8 can be read")
    }
    isReordered = settings.object["desc_act"] == .bool(true)
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
      let columns = try columns(of: words)
      let integers = try IntegerRows(
        bits: bits, columns: columns, group: group ?? columns, field: words.name)
      let zeros = try stored.matrix("\(name).qzeros", types: ["I32"])
      try StoredTensors.check(
        zeros, shape: [integers.groups, GPTQRows.zeroWords(rows: rows, bits: bits)])
      let scales = try stored.matrix("\(name).scales", types: ["F16", "BF16", "F32"])
      try StoredTensors.check(scales, shape: [integers.groups, rows])
      var parts = [words, zeros, scales]
      if stored["\(name).g_idx"] != nil {
        let order = try stored.tensor("\(name).g_idx", types: ["I32"])
        try StoredTensors.check(order, shape: [columns])
        parts.append(order)
      }
      let isFloat = isReordered && parts.count == 4 && integers.groups > 1
      tensors.append(
        try AssembledTensor(
          name: "\(name).weight", shape: [rows, columns],
          format: isFloat ? F32.self : integers.format, parts: parts,
          maker: GPTQRows(
            rows: rows, integers: integers, scaleType: scales.type, zeroOffset: zeroOffset,
            order: parts.count == 4 ? parts[3].name : nil, writesFloats: isFloat)))
    }
    return tensors
  }

  /// The integers along the input.
  private func columns(of words: SafetensorsHeader.Tensor) throws(ModelError) -> Int {
    let (all, overflow) = words.shape[0].multipliedReportingOverflow(by: 32)
    guard !overflow, all.isMultiple(of: bits), words.shape[1] <= 1 << 32 else {
      throw ModelError(
        .invalid, field: words.name,
        "the shape is \(words.shape), which does not hold whole numbers of \(bits) bits")
    }
    return all / bits
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
  /// Whether rows are numbers, because columns have their groups in any order.
  let writesFloats: Bool

  /// Words of a group's zeros.
  static func zeroWords(rows: Int, bits: Int) -> Int { (rows * bits - 1) / 32 + 1 }

  /// Rows that are made at a time, as a line of the cache has words.
  private static let stripRows = 16

  func make(
    _ parts: [UnsafeRawBufferPointer], into out: UnsafeMutableRawBufferPointer
  ) throws(ModelError) {
    if let order {
      writesFloats
        ? try checkGroups(parts[3], field: order) : try checkOrder(parts[3], field: order)
    }
    let strip = CodeStrip(rows: Self.stripRows, columns: integers.columns)
    for first in stride(from: 0, to: rows, by: Self.stripRows) {
      let count = min(Self.stripRows, rows - first)
      unpack(parts[0], first: first, count: count, into: strip)
      for row in 0..<count {
        try checkZeros(parts[1], row: first + row)
        guard !writesFloats else {
          writeFloats(row: first + row, codes: strip.row(row), parts, into: out)
          continue
        }
        integers.write(row: first + row, codes: strip.row(row), into: out) { group in
          (
            ScaleGrid.number(parts[2], group * rows + first + row, scaleType),
            UInt8(truncatingIfNeeded: zero(parts[1], row: first + row, group: group))
          )
        }
      }
    }
  }

  /// The integers of a row are one after the other in its words, the lowest bits first; those of 3 bits go on
  /// in the next word, and after three words begin with one.
  private func unpack(
    _ words: UnsafeRawBufferPointer, first: Int, count: Int, into strip: borrowing CodeStrip
  ) {
    let bits = integers.bits
    let mask = UInt64(1) << UInt64(bits) - 1
    let period = bits == 3 ? 3 : 1
    for start in stride(from: 0, to: integers.columns * bits / 32, by: period) {
      for row in 0..<count {
        var (held, left) = (UInt64(0), 0)
        var codes = strip.row(row) + start * 32 / bits
        for word in start..<start + period {
          held |= UInt64(words.word(word * rows + first + row)) << UInt64(left)
          left += 32
          while left >= bits {
            codes.pointee = UInt8(held & mask)
            codes += 1
            held >>= UInt64(bits)
            left -= bits
          }
        }
      }
    }
  }

  private func zero(_ words: UnsafeRawBufferPointer, row: Int, group: Int) -> UInt32 {
    let bits = integers.bits
    let first = group * Self.zeroWords(rows: rows, bits: bits)
    let (word, shift) = (row * bits).quotientAndRemainder(dividingBy: 32)
    var held = UInt64(words.word(first + word))
    if shift + bits > 32 { held |= UInt64(words.word(first + word + 1)) << 32 }
    return UInt32(held >> UInt64(shift) & (1 << UInt64(bits) - 1)) + zeroOffset
  }

  /// Writes a row of numbers, each with the scale and the zero of its column's group.
  private func writeFloats(
    row: Int, codes: UnsafePointer<UInt8>, _ parts: [UnsafeRawBufferPointer],
    into out: UnsafeMutableRawBufferPointer
  ) {
    for column in 0..<integers.columns {
      let group = Int(parts[3].word(column))
      let scale = ScaleGrid.number(parts[2], group * rows + row, scaleType)
      let code = Int(codes[column]) - Int(zero(parts[1], row: row, group: group))
      out.storeBytes(
        of: scale * Float(code), toByteOffset: 4 * (row * integers.columns + column),
        as: Float.self)
    }
  }

  /// Refuses a zero of 256, which no byte holds.
  private func checkZeros(_ words: UnsafeRawBufferPointer, row: Int) throws(ModelError) {
    for group in 0..<integers.groups where zero(words, row: row, group: group) > 255 {
      throw ModelError(.unsupported, field: "qzeros", "a zero of 256 in row \(row)")
    }
  }

  /// Refuses columns of groups that there are not.
  private func checkGroups(
    _ groups: UnsafeRawBufferPointer, field: String
  ) throws(ModelError) {
    for column in 0..<integers.columns where groups.word(column) >= UInt32(integers.groups) {
      throw ModelError(
        .invalid, field: field,
        "column \(column) is of group \(groups.word(column)); there are \(integers.groups)")
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
        "column \(column) is of group \(groups.word(column)), although desc_act is not set")
    }
  }
}
