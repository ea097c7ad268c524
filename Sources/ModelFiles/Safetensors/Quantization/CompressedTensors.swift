import JSON
import Tensor

/// Integers of 4 or 8 bits, packed or not, and floats of 8 bits, as `compressed-tensors` keeps them.
///
/// Which of these a tensor is, its name and those beside it tell.
struct CompressedTensors: FolderQuantization {
  static let method = "compressed-tensors"

  /// The bits of packed integers, which all groups of layers must agree in.
  private let bits: Int

  init(_ settings: QuantizationSettings) throws(ModelError) {
    let status = try settings.text("quantization_status") ?? "compressed"
    guard status == "compressed" else {
      throw settings.unsupported(
        "quantization_status", "\(status.debugDescription) is not compressed")
    }
    let form = try settings.text("format") ?? "pack-quantized"
    let known = [
      "pack-quantized", "int-quantized", "float-quantized", "naive-quantized", "dense",
      "mixed-precision",
    ]
    guard known.contains(form) else {
      throw settings.unsupported(
        "format", "\(form.debugDescription) is not one of \(known.joined(separator: ", "))")
    }
    bits = try Self.bits(settings)
  }

  private static func bits(_ settings: QuantizationSettings) throws(ModelError) -> Int {
    let key = "config_groups"
    guard case .object(let groups)? = settings.object[key] else { return 4 }
    var found: Set<Int> = []
    for group in groups.members {
      guard case .object(let group) = group.value, case .object(let weights)? = group["weights"]
      else { continue }
      let scheme = QuantizationSettings(object: weights)
      if let bits = try scheme.integer("num_bits", in: 1...16) { found.insert(bits) }
    }
    guard found.count <= 1 else {
      throw settings.unsupported(key, "weights of several numbers of bits: \(found.sorted())")
    }
    return found.first ?? 4
  }

  func assembled(_ stored: StoredTensors) throws(ModelError) -> [AssembledTensor] {
    var tensors: [AssembledTensor] = []
    for name in stored.beginnings(of: "_packed") {
      tensors.append(try PackedIntegers.tensor(name, bits: bits, in: stored))
    }
    for name in stored.beginnings(of: "_scale") {
      if ScaledFloats.isStored(stored[name]) {
        tensors.append(try ScaledFloats.tensor(name, scale: "\(name)_scale", in: stored))
      } else if stored[name]?.type == "I8" {
        tensors.append(try ByteIntegers.tensor(name, in: stored))
      }
    }
    return tensors
  }

  /// What groups of columns share a scale, `[N, G]` or one of all.
  fileprivate static func grid(
    _ name: String, shape: [Int], in stored: StoredTensors
  ) throws(ModelError) -> (SafetensorsHeader.Tensor, ScaleGrid) {
    if let order = stored["\(name)_g_idx"] {
      throw ModelError(
        .unsupported, field: order.name, "columns in the order of activations are not supported")
    }
    let scales = try stored.tensor("\(name)_scale", types: ["F32", "BF16", "F16"])
    return (scales, try ScaleGrid(scales, of: shape))
  }
}

/// Integers packed into words along the input, and zeros packed along the output.
struct PackedIntegers: RowMaker {
  private let rows: Int
  private let integers: IntegerRows
  private let grid: ScaleGrid
  private let hasZeros: Bool
  private let field: String

  /// The tensor of packed integers and their scales.
  static func tensor(
    _ name: String, bits: Int, in stored: StoredTensors
  ) throws(ModelError) -> AssembledTensor {
    let packed = try stored.matrix("\(name)_packed", types: ["I32"])
    let shapeTensor = try stored.tensor("\(name)_shape", types: ["I64", "I32"])
    try StoredTensors.check(shapeTensor, shape: [2])
    let rows = packed.shape[0]
    let columns = try IntegerRows.columns(words: packed.shape[1], bits: bits, of: packed)
    let shape = [rows, columns]
    let (scales, grid) = try CompressedTensors.grid(name, shape: shape, in: stored)
    let integers = try IntegerRows(
      bits: bits, columns: columns, group: grid.columns, field: scales.name)
    var parts = [packed, scales, shapeTensor]
    let zeros = stored["\(name)_zero_point"]
    if zeros != nil {
      let zeros = try stored.matrix("\(name)_zero_point", types: ["I32"])
      try StoredTensors.check(zeros, shape: [(rows * bits - 1) / 32 + 1, integers.groups])
      parts.append(zeros)
    }
    return try AssembledTensor(
      name: name, shape: shape, format: integers.format, parts: parts,
      maker: PackedIntegers(
        rows: rows, integers: integers, grid: grid, hasZeros: zeros != nil,
        field: shapeTensor.name))
  }

  func make(
    _ parts: [UnsafeRawBufferPointer], into out: UnsafeMutableRawBufferPointer
  ) throws(ModelError) {
    let stated = (0..<2).map { place in
      parts[2].count == 16
        ? Int(parts[2].loadUnaligned(fromByteOffset: 8 * place, as: Int64.self))
        : Int(parts[2].loadUnaligned(fromByteOffset: 4 * place, as: Int32.self))
    }
    guard stated == [rows, integers.columns] else {
      throw ModelError(
        .invalid, field: field,
        "\(stated) is stated; the packed integers are \([rows, integers.columns])")
    }
    let (bits, perWord) = (integers.bits, 32 / integers.bits)
    let mask = UInt32(1) << UInt32(bits) - 1
    let words = integers.columns / perWord
    let strip = CodeStrip(rows: 1, columns: integers.columns)
    let zeros = hasZeros ? parts[3] : nil
    for row in 0..<rows {
      for word in 0..<words {
        var rest = parts[0].word(row * words + word)
        for index in 0..<perWord {
          strip.codes[word * perWord + index] = UInt8(rest & mask)
          rest >>= UInt32(bits)
        }
      }
      integers.write(row: row, codes: strip.codes, into: out) { group in
        let scale = grid.value(parts[1], row: row, column: group * integers.group)
        guard let zeros else { return (scale, UInt8(1 << (bits - 1))) }
        let word = zeros.word(row / perWord * integers.groups + group)
        return (scale, UInt8(word >> UInt32(row % perWord * bits) & mask))
      }
    }
  }
}

/// Signed integers of 8 bits as they are, and zeros likewise.
struct ByteIntegers: RowMaker {
  private let rows: Int
  private let integers: IntegerRows
  private let grid: ScaleGrid
  private let zeroGrid: ScaleGrid?

  /// The tensor of integers and their scales.
  static func tensor(
    _ name: String, in stored: StoredTensors
  ) throws(ModelError) -> AssembledTensor {
    let weights = try stored.matrix(name, types: ["I8"])
    let shape = weights.shape
    let (scales, grid) = try CompressedTensors.grid(name, shape: shape, in: stored)
    let integers = try IntegerRows(
      bits: 8, columns: shape[1], group: grid.columns, field: scales.name)
    var parts = [weights, scales]
    var zeroGrid: ScaleGrid?
    if stored["\(name)_zero_point"] != nil {
      let zeros = try stored.tensor("\(name)_zero_point", types: ["I8"])
      try StoredTensors.check(zeros, shape: scales.shape)
      zeroGrid = try ScaleGrid(zeros, of: shape)
      parts.append(zeros)
    }
    return try AssembledTensor(
      name: name, shape: shape, format: integers.format, parts: parts,
      maker: ByteIntegers(rows: shape[0], integers: integers, grid: grid, zeroGrid: zeroGrid))
  }

  func make(
    _ parts: [UnsafeRawBufferPointer], into out: UnsafeMutableRawBufferPointer
  ) throws(ModelError) {
    let strip = CodeStrip(rows: 1, columns: integers.columns)
    for row in 0..<rows {
      for column in 0..<integers.columns {
        strip.codes[column] = parts[0][row * integers.columns + column] ^ 0x80
      }
      integers.write(row: row, codes: strip.codes, into: out) { group in
        let column = group * integers.group
        let zero = zeroGrid.map { parts[2][$0.place(row: row, column: column)] } ?? 0
        return (grid.value(parts[1], row: row, column: column), zero ^ 0x80)
      }
    }
  }
}
