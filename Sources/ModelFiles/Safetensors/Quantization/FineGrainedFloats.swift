import JSON
import Tensor

/// Floats of 8 bits with a scale for blocks of 128 by 128, for rows, or for all: `fp8`.
struct FineGrainedFloats: FolderQuantization {
  static let method = "fp8"

  private let block: (rows: Int, columns: Int)

  init(_ settings: QuantizationSettings) throws(ModelError) {
    let key = "weight_block_size"
    var block = (rows: 128, columns: 128)
    if let value = settings.object[key], value != .null {
      guard case .array(let lengths) = value, lengths.count == 2 else {
        throw settings.unsupported(key, "two lengths are needed")
      }
      let name = "quantization_config: \(key)"
      block.rows = try FolderConfiguration.integer(lengths[0], name, in: 1...65_536)
      block.columns = try FolderConfiguration.integer(lengths[1], name, in: 1...65_536)
    }
    self.block = block
  }

  func assembled(_ stored: StoredTensors) throws(ModelError) -> [AssembledTensor] {
    var tensors: [AssembledTensor] = []
    for ending in ["_scale_inv", "_scale"] {
      for name in stored.beginnings(of: ending) where ScaledFloats.isStored(stored[name]) {
        tensors.append(
          try ScaledFloats.tensor(name, scale: name + ending, in: stored, block: block))
      }
    }
    return tensors
  }
}

/// Makes blocks of 32 floats of 8 bits, each with its scale.
struct ScaledFloats: RowMaker {
  private let columns: Int
  private let grid: ScaleGrid

  private static let types = ["F8_E4M3", "F8_E5M2"]
  private static let block = F8_E4M3.blockLength

  /// Whether a tensor has floats of 8 bits.
  static func isStored(_ tensor: SafetensorsHeader.Tensor?) -> Bool {
    tensor.map { types.contains($0.type) } ?? false
  }

  /// The tensor of weights and scales.
  static func tensor(
    _ name: String, scale: String, in stored: StoredTensors,
    block: (rows: Int, columns: Int)? = nil
  ) throws(ModelError) -> AssembledTensor {
    let weights = try stored.matrix(name, types: types)
    let scales = try stored.tensor(scale, types: ScaleGrid.types)
    let grid = try ScaleGrid(scales, of: weights.shape, block: block)
    let columns = weights.shape[1]
    guard grid.columns >= columns || grid.columns.isMultiple(of: Self.block) else {
      throw ModelError(
        .unsupported, field: scale,
        "a scale for each \(grid.columns) columns; multiples of \(Self.block) are supported")
    }
    return try AssembledTensor(
      name: name, shape: weights.shape,
      format: weights.type == types[0] ? F8_E4M3.self : F8_E5M2.self, parts: [weights, scales],
      maker: ScaledFloats(columns: columns, grid: grid))
  }

  func make(
    _ parts: [UnsafeRawBufferPointer], into rows: UnsafeMutableRawBufferPointer
  ) throws(ModelError) {
    let length = Self.block
    for block in 0..<parts[0].count / length {
      let (row, place) = (block * length).quotientAndRemainder(dividingBy: columns)
      let offset = block * F8_E4M3.blockBytes
      rows.storeBytes(
        of: grid.value(parts[1], row: row, column: place), toByteOffset: offset, as: Float.self)
      UnsafeMutableRawBufferPointer(rebasing: rows[(offset + 4)...]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: parts[0][(block * length)...].prefix(length)))
    }
  }
}
