import Tensor

/// Floats of 4 bits with an exponent for each 32, as gpt-oss keeps its experts: `mxfp4`.
struct MicroscaledExperts: FolderQuantization {
  static let method = "mxfp4"

  init(_ settings: QuantizationSettings) {}

  func assembled(_ stored: StoredTensors) throws(ModelError) -> [AssembledTensor] {
    var tensors: [AssembledTensor] = []
    for name in stored.beginnings(of: "_blocks") {
      let blocks = try stored.tensor("\(name)_blocks", types: ["U8"])
      let scales = try stored.tensor("\(name)_scales", types: ["U8"])
      let shape = Array(blocks.shape.dropLast(2))
      guard blocks.shape.count >= 3, blocks.shape.last == 16 else {
        throw ModelError(
          .invalid, field: blocks.name,
          "the shape is \(blocks.shape); it must end in blocks of 16 bytes")
      }
      let count = blocks.shape[blocks.shape.count - 2]
      try StoredTensors.check(scales, shape: shape + [count])
      let (columns, overflow) = count.multipliedReportingOverflow(by: MXFP4.blockLength)
      guard !overflow else {
        throw ModelError(.limit, field: blocks.name, "a tensor of \(blocks.shape) is too large")
      }
      tensors.append(
        try AssembledTensor(
          name: name, shape: shape + [columns], format: MXFP4.self, parts: [blocks, scales],
          maker: MicroscaledBlocks()))
    }
    return tensors
  }
}

/// Puts neighbours' codes where MXFP4 of GGUF files has them, and the exponent before them.
struct MicroscaledBlocks: RowMaker {
  func make(
    _ parts: [UnsafeRawBufferPointer], into rows: UnsafeMutableRawBufferPointer
  ) throws(ModelError) {
    for (block, exponent) in parts[1].enumerated() {
      let source = UnsafeRawBufferPointer(rebasing: parts[0][(16 * block)...].prefix(16))
      let target = MXFP4.blockBytes * block
      rows[target] = exponent
      // Byte i of the folder has values 2 i and 2 i + 1; byte i here has values i and i + 16.
      for index in 0..<8 {
        let (low, high) = (source[index], source[index + 8])
        rows[target + 1 + 2 * index] = low & 15 | high << 4
        rows[target + 2 + 2 * index] = low >> 4 | high & 0xF0
      }
    }
  }
}
