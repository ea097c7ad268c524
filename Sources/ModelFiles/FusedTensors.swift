import Tensor

/// Tells apart what a file keeps as one tensor: the rows of queries, keys and values, or of gate and up.
package struct FusedTensors: Sendable {
  /// A tensor that a model has, as a part of one in the file.
  package struct Part: Sendable {
    /// The tensor.
    package let tensor: SourceTensor
    /// Where its rows lie within those of the tensor in the file.
    fileprivate let rows: RowRuns
  }

  /// What the rows of a tensor may stand for, first to last, by canonical names.
  ///
  /// The last is how llama.cpp keeps gates of some architectures.
  private static let fused = [
    "attn_qkv": ["attn_q", "attn_k", "attn_v"], "ffn_gate_up": ["ffn_gate", "ffn_up"],
    "ffn_up": ["ffn_gate", "ffn_up"], "attn_q": ["attn_q", "attn_q_gate"],
    "attn_qkvz": ["attn_q", "attn_k", "attn_v", "attn_gate"], "ssm_ba": ["ssm_beta", "ssm_alpha"],
  ]
  /// Those whose rows stand for the rows of one head after those of another in all files.
  private static let interleaved: Set = ["attn_q", "attn_qkvz", "ssm_ba"]

  /// What the model needs, by name.
  private let needed: [String: TensorRequirement]
  /// What the files have.
  private let found: Set<String>

  /// Looks at what a model needs, and at what its files have.
  package init(_ requirements: [TensorRequirement], in tensors: [SourceTensor]) {
    needed = Dictionary(requirements.map { ($0.name, $0) }) { first, _ in first }
    found = Set(tensors.map(\.name))
  }

  /// All tensors, those that are fused as their parts.
  package func parts(of tensors: [SourceTensor]) throws(ModelError) -> [SourceTensor] {
    var seen: Set<String> = []
    var parts: [SourceTensor] = []
    for tensor in tensors {
      for part in try self.parts(of: tensor) {
        guard seen.insert(part.tensor.name).inserted else {
          throw ModelError(
            .duplicate, field: tensor.fileName, "\(part.tensor.name) stands in another tensor too")
        }
        parts.append(part.tensor)
      }
    }
    return parts
  }

  /// What a tensor of the files stands for: itself, or several; or nothing, as a head that is not used
  /// because the embedding is.
  package func parts(of tensor: SourceTensor) throws(ModelError) -> [Part] {
    if tensor.name == "output.weight", needed[tensor.name] == nil { return [] }
    if needed[tensor.name]?.presence == .unused { return [] }
    var tensor = tensor
    tensor.isVector = needed[tensor.name]?.role == .vector
    let rows = tensor.dimensions.last ?? 1
    guard let names = parts(named: tensor.name), tensor.dimensions.count <= 2 else {
      return [Part(tensor: tensor, rows: .all(rows))]
    }
    let counts = names.map { needed[$0].map(Self.rows) ?? 0 }
    let isByHead = tensor.order == .byHead || Self.interleaved.contains(Self.base(tensor.name))
    let groups = isByHead ? needed[names[1]]?.heads ?? 1 : 1
    guard counts.reduce(0, +) == rows, counts.allSatisfy({ $0.isMultiple(of: groups) }) else {
      if needed[tensor.name] != nil { return [Part(tensor: tensor, rows: .all(rows))] }
      throw ModelError(
        .invalid, field: tensor.fileName, offset: tensor.byteRange.lowerBound,
        "the tensor has \(rows) rows; those it stands for have \(counts.reduce(0, +))")
    }
    var first = 0
    return zip(names, counts).map { name, count in
      let runs = RowRuns(
        all: rows, first: first, length: count / groups, stride: rows / groups, count: groups)
      first += count / groups
      return Part(tensor: tensor.part(runs, as: name, needed[name]), rows: runs)
    }
  }

  /// Whether the parts of a tensor lie as they are needed.
  fileprivate func isInPlace(_ tensor: SourceTensor) -> Bool {
    tensor.order == .plain && !Self.interleaved.contains(Self.base(tensor.name))
  }

  /// What a tensor of a layer is for.
  private static func base(_ name: String) -> String {
    let pieces = name.split(separator: ".", omittingEmptySubsequences: false)
    return pieces.count == 4 ? String(pieces[2]) : name
  }

  /// The rows of a tensor; one that is a row of another has one.
  private static func rows(_ requirement: TensorRequirement) -> Int {
    requirement.isRow ? 1 : requirement.shape.last ?? 1
  }

  /// The names of the tensors that one of the files may stand for; nil where it stands for itself.
  private func parts(named name: String) -> [String]? {
    let pieces = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard pieces.count == 4 else { return nil }
    func part(_ base: String) -> String { "\(pieces[0]).\(pieces[1]).\(base).\(pieces[3])" }
    guard let bases = Self.fused[pieces[2]] else {
      let heads = (0...).lazy.map { part("\(pieces[2]).\($0)") }.prefix { needed[$0] != nil }
      let names = Array(heads)
      return names.isEmpty ? nil : names
    }
    let names = bases.map(part)
    guard names.allSatisfy({ needed[$0] != nil && ($0 == name || !found.contains($0)) })
    else { return nil }
    return names
  }
}

/// Rows of a tensor: some that follow each other, and as many again after a stride.
private struct RowRuns: Sendable {
  /// Rows of the tensor.
  let all: Int
  /// The first row.
  let first: Int
  /// Rows that follow each other.
  let length: Int
  /// Rows from the first of some to the first of the next.
  let stride: Int
  /// How often there are some.
  let count: Int

  /// The rows of the whole tensor.
  static func all(_ rows: Int) -> RowRuns {
    RowRuns(all: rows, first: 0, length: rows, stride: rows, count: 1)
  }
}

extension FusedTensors.Part {
  /// The part's bytes: where they lie, or else gathered in memory that has room for them.
  fileprivate func bytes(
    in tensor: UnsafeRawBufferPointer, room: UnsafeMutableRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    let rowBytes = tensor.count / rows.all
    let run = rows.length * rowBytes
    guard rows.count > 1 else {
      return UnsafeRawBufferPointer(rebasing: tensor[(rows.first * rowBytes)...].prefix(run))
    }
    for index in 0..<rows.count {
      let start = (rows.first + index * rows.stride) * rowBytes
      UnsafeMutableRawBufferPointer(rebasing: room[(index * run)...].prefix(run))
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: tensor[start..<start + run]))
    }
    return UnsafeRawBufferPointer(rebasing: room[..<(rows.count * run)])
  }
}

extension SourceTensor {
  /// Some rows of the tensor as one of their own.
  fileprivate func part(
    _ rows: RowRuns, as name: String, _ requirement: TensorRequirement?
  ) -> SourceTensor {
    let rowBytes = byteRange.count / rows.all
    let start = byteRange.lowerBound + UInt64(rows.first * rowBytes)
    let count = rows.length * rows.count
    let isRow = requirement?.isRow == true && dimensions.count == 2
    var part = SourceTensor(
      name: name, fileName: fileName,
      dimensions: isRow ? dimensions.dropLast() : dimensions.dropLast() + [count],
      format: format, byteRange: start..<start + UInt64(count * rowBytes), offset: offset)
    part.isVector = requirement?.role == .vector
    return part
  }

  /// The tensor's bytes with rows for columns, in memory that has room for them.
  fileprivate func transposed(
    _ bytes: UnsafeRawBufferPointer, room: UnsafeMutableRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    let (columns, rows) = (dimensions[0], dimensions[1])
    func move<Bits: BitwiseCopyable>(_ type: Bits.Type) {
      let size = MemoryLayout<Bits>.size
      for row in 0..<rows {
        for column in 0..<columns {
          room.storeBytes(
            of: bytes.loadUnaligned(fromByteOffset: (column * rows + row) * size, as: type),
            toByteOffset: (row * columns + column) * size, as: type)
        }
      }
    }
    // What folders have is of 16 or 32 bits.
    if format.blockBytes == 2 { move(UInt16.self) } else { move(UInt32.self) }
    return UnsafeRawBufferPointer(rebasing: room[..<bytes.count])
  }
}

extension ModelSource {
  /// The tensors as a model needs them: those that files keep as one are several.
  package func tensors(
    _ naming: TensorNaming, for requirements: [TensorRequirement]
  ) throws(ModelError) -> [SourceTensor] {
    let tensors = try self.tensors(naming)
    return try FusedTensors(requirements, in: tensors).parts(of: tensors)
  }

  /// Reads all files as `read` does, and hands over the tensors as a model needs them.
  package func read(
    _ naming: TensorNaming, for requirements: [TensorRequirement],
    expecting digest: FileDigest? = nil, progress: (UInt64, UInt64) -> Void = { _, _ in },
    visit: (SourceTensor, UnsafeRawBufferPointer) throws -> Void
  ) throws -> FileDigest {
    let tensors = try self.tensors(naming)
    let fused = FusedTensors(requirements, in: tensors)
    let rearranged = tensors.reduce(0) {
      fused.isInPlace($1) ? $0 : max($0, $1.byteRange.count)
    }
    let room = try LoadBuffer(byteCount: rearranged, field: "model")
    return try read(naming, expecting: digest, progress: progress) { tensor, bytes in
      let rows =
        tensor.order == .transposed ? tensor.transposed(bytes, room: room.bytes) : bytes
      for part in try fused.parts(of: tensor) {
        try visit(part.tensor, part.bytes(in: rows, room: room.bytes))
      }
    }
  }
}
