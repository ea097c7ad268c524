import GPTModel

extension MalformedModelFiles {
  /// Numbers and lengths of dimensions, and the sizes that follow from them.
  mutating func addShapes() {
    for rank: UInt32 in [0, 5, 6, 255, 1 << 16, 1 << 31, .max] {
      add("G6", "\(rank) dimensions", .refused(.limit)) { $0.tensors[2].rank = rank }
    }
    add("G6", "a dimension more than there is", .refused()) { $0.tensors[2].rank = 3 }
    add("G6", "a dimension less than there is", .refused()) { $0.tensors[2].rank = 1 }
    for axis in 0..<2 {
      add("G6", "dimension \(axis) of length 0", .refused(.invalid)) {
        $0.tensors[2].dimensions[axis] = 0
      }
      for length in HostileNumbers.sizes {
        add("G6", "dimension \(axis) of length \(length)", .refused()) {
          $0.tensors[2].dimensions[axis] = length
        }
      }
    }
    let products: [(String, [UInt64])] = [
      ("2^64", [1 << 32, 1 << 32]), ("2^64 in four", [1 << 16, 1 << 16, 1 << 16, 1 << 16]),
      ("2^65", [1 << 62, 8]), ("2^63", [1 << 32, 1 << 31]), ("2^96", [1 << 32, 1 << 32, 1 << 32]),
      ("2^64 + 2^32", [1 << 32, (1 << 32) + 1]), ("2^256", [.max - 31, .max, .max, .max]),
    ]
    for format in GGUFWeightFormat.allCases {
      for (name, dimensions) in products {
        add("G6", "\(format.rawValue) of \(name) elements", .refused(.limit)) {
          $0.tensors[2].dimensions = dimensions
          $0.tensors[2].fileType = format.fileType
        }
      }
      guard format.layout.blockLength > 1 else { continue }
      for row: UInt64 in [1, 16, 31, 33, 63] {
        add("G6", "\(format.rawValue) with rows of \(row)", .refused(.invalid)) {
          $0.tensors[2].dimensions = [row, 32]
          $0.tensors[2].fileType = format.fileType
        }
      }
    }
    add("G6", "two sizes whose sum wraps", .refused(.limit)) {
      $0.tensors[1].dimensions = [(1 << 61) - 8]
      $0.tensors[2].dimensions = [1 << 61]
      $0.tensors[2].fileType = 0
    }
    for type: UInt32 in [
      4, 5, 31, 32, 33, 36, 37, 38, 99, 1_000, 65_536 + 8, 1 << 31, .max - 1, .max,
    ] {
      add("G8", "storage type \(type)", .refused(.unsupported)) { $0.tensors[2].fileType = type }
    }
    for format in GGUFWeightFormat.allCases where format.fileType != base.tensors[2].fileType {
      add("G8", "8-bit data declared as \(format.rawValue)", .refused()) {
        $0.tensors[2].fileType = format.fileType
      }
    }
  }

  /// Places of data: unaligned, outside, overlapping, apart.
  mutating func addOffsets() {
    let size = UInt64(base.bytes().count)
    for offset: UInt64 in [1, 8, 16, 31, 33, .max, .max - 30] {
      add("G7", "unaligned offset \(offset)", .refused(.invalid)) { $0.tensors[2].offset = offset }
    }
    for offset in [size / 32 * 32 + 32, size * 2 / 32 * 32, 1 << 32, 1 << 62] {
      add("G7", "offset \(offset) past the file", .refused(.truncated)) {
        $0.tensors[2].offset = offset
      }
    }
    for offset: UInt64 in [.max - 31, .max - 95, .max - (size / 32 * 32) - 31] {
      add("G7", "offset \(offset) that wraps into the header", .refused()) {
        $0.tensors[2].offset = offset
      }
    }
    let start = UInt64(base.image().field("tensor[0].data")?.range.lowerBound ?? 0)
    add("G7", "a start at 2^64 - 32, so that the end wraps", .refused(.limit)) {
      $0.tensors[2].offset = 0 &- start &- 32
    }
    for index in base.tensors.indices.dropFirst() {
      add("G7", "tensor \(index) over tensor 0", .refused(.layout)) {
        $0.tensors[index].offset = 0
      }
    }
    add("G7", "data one alignment early", .refused(.layout)) { Self.shift(&$0, from: 2, by: -32) }
    add("G7", "data one alignment late", .refused()) { Self.shift(&$0, from: 2, by: 32) }
    add("G7", "nothing at the start of the data", .refused()) { Self.shift(&$0, from: 0, by: 32) }
    for count in [32, 64, 4_096] {
      add("G7", "\(count) zeros between two tensors", .refused(.layout)) {
        $0.tensors[1].data += [UInt8](repeating: 0, count: count)
      }
      add("G7", "\(count) zeros before the first tensor", .refused(.layout)) {
        $0.tensors[0].data = [UInt8](repeating: 0, count: count) + $0.tensors[0].data
        $0.tensors[0].offset = UInt64(count)
      }
    }
    for rows: UInt64 in [33, 64] {
      add("G7", "a tensor of \(rows) rows over the next", .refused(.layout)) {
        $0.tensors[2].dimensions[1] = rows
      }
    }
    for count in [1, 31, 32, 33, 4_096] {
      add("G7", "\(count) bytes behind the end", .mayRun) {
        $0.trailer = [UInt8](repeating: 0, count: count)
      }
    }
    add("G7", "16 MiB and a byte behind the end", .refused(.layout)) {
      $0.trailer = [UInt8](repeating: 0, count: (16 << 20) + 33)
    }
    add("G7", "an archive behind the end", .mayRun) {
      $0.trailer = [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18)
    }
    for byte: UInt8 in [1, 0x50, 255] {
      add("G7", "padding of \(byte)", .refused(.layout)) {
        // One letter more or less makes sure that there is padding.
        if $0.image().field("header.padding") == nil { $0["general.name"] = .text("Tin") }
        $0.paddingByte = byte
      }
    }
    let whole = base.bytes()
    for count in [1, 31, 32, 33, 64, 1_000] {
      add("G7", "last \(count) bytes missing", .refused(.truncated), bytes: whole.dropLast(count))
    }
  }

  private static func shift(_ builder: inout GGUFBuilder, from first: Int, by distance: Int) {
    var next = 0
    for index in builder.tensors.indices {
      builder.tensors[index].offset = UInt64(next + (index >= first ? distance : 0))
      next += (builder.tensors[index].data.count + 31) / 32 * 32
    }
    if distance > 0 { builder.trailer = [UInt8](repeating: 0, count: distance) }
  }

  /// Tensors that are missing, too many, or not shaped as the hyper-parameters say.
  mutating func addTensorSets() {
    addSplits()
    for index in base.tensors.indices {
      let name = String(decoding: base.tensors[index].name, as: UTF8.self)
      add("G12", "without \(name)", .refusedByModel) { $0.tensors.remove(at: index) }
      add("G12", "\(name) under another name", .refusedByModel) {
        $0.tensors[index].name = Array("other.\(index)".utf8)
      }
      add("G12", "\(name) with a row more", .refusedByModel) { Self.grow(&$0.tensors[index]) }
    }
    for name in ["blk.1.attn_q.weight", "output_norm.bias", "rope", "blk.00.attn_q.weight"] {
      add("G12", "an extra \(name)", .refusedByModel) {
        $0.tensors.append(
          .init(name, [32], type: 0, data: [UInt8](repeating: 0, count: 128)))
      }
    }
    add("G12", "output norm in blocks", .refusedByModel) {
      $0.change("output_norm.weight") {
        $0.fileType = 8
        $0.data = [UInt8](repeating: 0, count: 34)
      }
    }
    add("G12", "matrix flattened", .refusedByModel) {
      $0.change("blk.0.attn_q.weight") { $0.dimensions = [1_024] }
    }
    add("G12", "matrix with a third dimension", .refusedByModel) {
      $0.change("blk.0.attn_q.weight") { $0.dimensions = [32, 16, 2] }
    }
  }

  private static func grow(_ tensor: inout GGUFBuilder.Tensor) {
    let last = tensor.dimensions.count - 1
    let rows = last > 0 ? tensor.dimensions[last] : 1
    let rowBytes = tensor.data.count / Int(rows)
    tensor.data += tensor.data.prefix(rowBytes)
    tensor.dimensions[last] += last > 0 ? 1 : tensor.dimensions[0]
  }

  /// Weights that are no numbers.
  mutating func addWeights() {
    let values: [(String, UInt32)] = [
      ("NaN", 0x7FC0_0000), ("infinity", 0x7F80_0000), ("minus infinity", 0xFF80_0000),
      ("a signalling NaN", 0x7FA0_0000),
    ]
    for (name, bits) in values {
      for tensor in ["blk.0.attn_norm.weight", "output_norm.weight"] {
        add("N1", "\(name) in \(tensor)", .refusedByModel) {
          $0.change(tensor) { $0.data.replaceSubrange(4..<8, with: GGUFImage.encode(bits)) }
        }
      }
      for format in GGUFWeightFormat.allCases {
        var model = TinyModel.least
        model.format = format
        var builder = model.builder()
        let number = format.number(ofBits: bits)
        builder.change("blk.0.ffn_up.weight") {
          let place = $0.data.count - format.layout.blockBytes + format.scaleOffset
          $0.data.replaceSubrange(place..<(place + number.count), with: number)
        }
        add("N1", "\(name) in a \(format.rawValue) matrix", .refusedByModel, bytes: builder.bytes())
      }
    }
  }
}
