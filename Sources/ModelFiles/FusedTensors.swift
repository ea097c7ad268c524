import Tensor

/// Tells apart what a file keeps as one tensor: the rows of queries, keys and values, of gate and up, or
/// those of all experts.
package struct FusedTensors: Sendable {
  /// A tensor that a model has, as a part of one in the file.
  package struct Part: Sendable {
    /// The tensor.
    package let tensor: SourceTensor
    /// Where its rows lie within those of the tensor in the file.
    let rows: RowRuns
  }

  /// What the rows of a tensor may stand for, first to last, by canonical names.
  ///
  /// That of `ffn_up` is how llama.cpp keeps gates of some architectures.
  private static let fused = [
    "attn_qkv": ["attn_q", "attn_k", "attn_v"], "ffn_gate_up": ["ffn_gate", "ffn_up"],
    "ffn_up": ["ffn_gate", "ffn_up"], "ffn_gate_up_exps": ["ffn_gate_exps", "ffn_up_exps"],
    "ffn_gate_up_shexp": ["ffn_gate_shexp", "ffn_up_shexp"], "attn_q": ["attn_q", "attn_q_gate"],
    "attn_qkvz": ["attn_q", "attn_k", "attn_v", "attn_gate"], "ssm_ba": ["ssm_beta", "ssm_alpha"],
    "attn_kv_b": ["attn_k_b", "attn_v_b"],
  ]
  /// Those whose rows stand for the rows of one head after those of another in all files.
  private static let interleaved: Set = ["attn_q", "attn_qkvz", "ssm_ba"]

  /// What a model may do without, though its files have it: heads that others of its family use.
  private static let unneeded: Set = [
    "output.weight", "cls.weight", "cls.bias", "cls.norm.weight",
  ]

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
    if Self.unneeded.contains(tensor.name), needed[tensor.name] == nil { return [] }
    if needed[tensor.name]?.presence == .unused { return [] }
    guard let (names, numbers) = parts(named: tensor.name) else { return [whole(tensor)] }
    let requirements = names.compactMap { needed[$0] }
    guard Self.canHold(requirements[0], numbers: numbers, tensor) else { return [whole(tensor)] }
    // Rows of a matrix, or elements of what is none.
    let units = requirements[0].role == .matrix ? tensor.rows : tensor.elementCount
    let counts = requirements.map {
      (Self.isTurned($0, in: tensor) ? $0.shape.first : $0.shape.last) ?? 1
    }
    let isByHead = tensor.order.contains(.byHead) || isInterleaved(tensor.name)
    let groups = isByHead && names.count > 1 ? needed[names[1]]?.heads ?? 1 : 1
    guard counts.reduce(0, +) == units, counts.allSatisfy({ $0.isMultiple(of: groups) }) else {
      if needed[tensor.name] != nil { return [whole(tensor)] }
      throw ModelError(
        .invalid, field: tensor.fileName, offset: tensor.byteRange.lowerBound,
        "the tensor has \(units) rows; those it stands for have \(counts.reduce(0, +))")
    }
    return zip(requirements, runs(counts, of: tensor, units: units, groups: groups)).map {
      let part = tensor.part($1, as: $0)
      return Part(tensor: Self.isTurned($0, in: tensor) ? part.turned : part, rows: $1)
    }
  }

  /// Whether a tensor has the dimensions of one that stands for parts: those of a part, and where these are
  /// numbered one more, which matrices and single parts may do without.
  private static func canHold(
    _ part: TensorRequirement, numbers: Int?, _ tensor: SourceTensor
  ) -> Bool {
    let rank = tensor.dimensions.count - part.shape.count
    guard let numbers else { return rank == 0 }
    return rank == 1 && tensor.dimensions.last == numbers
      || rank == 0 && (part.role == .matrix || numbers == 1)
  }

  /// Whether a part has rows where the tensor has columns.
  private static func isTurned(_ part: TensorRequirement, in tensor: SourceTensor) -> Bool {
    tensor.name.contains(".attn_kv_b.") && part.name.contains(".attn_k_b.")
  }

  /// The tensor by itself, in the shape that is needed where it lacks ones at the end.
  private func whole(_ tensor: SourceTensor) -> Part {
    var dimensions = tensor.dimensions
    if let wanted = needed[tensor.name]?.shape, dimensions.count < wanted.count,
      ModelTensors.trimmed(dimensions) == ModelTensors.trimmed(wanted)
    {
      dimensions = wanted
    }
    var own = tensor.with(dimensions: dimensions)
    own.isVector = needed[tensor.name]?.role == .vector
    return Part(tensor: own, rows: .all(max(1, tensor.rows)))
  }

  private func isInterleaved(_ name: String) -> Bool {
    let pieces = name.split(separator: ".", omittingEmptySubsequences: false)
    return pieces.count == 4 && Self.interleaved.contains(String(pieces[2]))
  }

  /// Where the rows of each part lie.
  private func runs(
    _ counts: [Int], of tensor: SourceTensor, units: Int, groups: Int
  ) -> [RowRuns] {
    var first = 0
    guard tensor.order.contains(.alternating) else {
      return counts.map { count in
        let runs = RowRuns(
          all: units, first: first, length: count / groups, stride: units / groups, count: groups)
        first += count / groups
        return runs
      }
    }
    return stride(from: 0, to: counts.count, by: 2).flatMap { pair in
      defer { first += 2 * counts[pair] }
      return (0..<2).map {
        RowRuns(all: units, first: first + $0, length: 1, stride: 2, count: counts[pair])
      }
    }
  }

  /// The names of the tensors that one of the files may stand for, and how many numbers they have, where they
  /// are numbered; nil where it stands for itself.
  private func parts(named name: String) -> (names: [String], numbers: Int?)? {
    let pieces = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard pieces.count == 2 || pieces.count == 4 else { return nil }
    let place = pieces.count - 2
    func part(_ base: String) -> String {
      (pieces[..<place] + [base, pieces[place + 1]]).joined(separator: ".")
    }
    let bases = Self.fused[pieces[place]] ?? [pieces[place]]
    let numbers = (0...).lazy.prefix { number in
      bases.allSatisfy { needed[part("\($0).\(number)")] != nil }
    }
    let parts = Array(numbers).flatMap { number in bases.map { part("\($0).\(number)") } }
    guard parts.isEmpty else { return (parts, parts.count / bases.count) }
    let names = bases.map(part)
    guard Self.fused[pieces[place]] != nil,
      names.allSatisfy({ needed[$0] != nil && ($0 == name || !found.contains($0)) })
    else { return nil }
    return (names, nil)
  }
}

extension SourceTensor {
  /// The rows of a matrix, or of all matrices where they are several.
  fileprivate var rows: Int { elementCount / max(1, dimensions.first ?? 1) }

  /// Some rows of the tensor as one of their own.
  fileprivate func part(_ rows: RowRuns, as requirement: TensorRequirement) -> SourceTensor {
    let rowBytes = byteRange.count / rows.all
    let start = byteRange.lowerBound + UInt64(rows.first * rowBytes)
    let count = rows.length * rows.count
    var part = SourceTensor(
      name: requirement.name, fileName: fileName,
      dimensions: requirement.role == .matrix ? [dimensions.first ?? 1, count] : [count],
      format: format, byteRange: start..<start + UInt64(count * rowBytes), offset: offset)
    part.isVector = requirement.role == .vector
    return part
  }

  /// The matrix with rows for columns; as numbers, where it is of blocks of several columns.
  fileprivate var turned: SourceTensor {
    var turned = SourceTensor(
      name: name, fileName: fileName, dimensions: dimensions.reversed(),
      format: format.blockLength > 1 ? F32.self : format, byteRange: byteRange, offset: offset)
    turned.order = .transposed
    return turned
  }

  /// The bytes of a matrix that is turned, in memory that has room for twice as many numbers.
  fileprivate func turned(
    _ bytes: UnsafeRawBufferPointer, from source: any WeightFormat.Type,
    room: UnsafeMutableRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    let rows = RowRuns.all(dimensions.last ?? 1)
    guard source.blockLength > 1 else { return rows.bytes(of: self, in: bytes, room: room) }
    let size = elementCount * MemoryLayout<Float>.size
    let numbers = UnsafeMutableRawBufferPointer(rebasing: room[size..<2 * size])
    source.decode(bytes, into: numbers.bindMemory(to: Float.self))
    return rows.bytes(of: self, in: UnsafeRawBufferPointer(numbers), room: room)
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
    var rearranged = 0
    for tensor in tensors {
      for part in try fused.parts(of: tensor)
      where part.rows.count > 1 || tensor.order.contains(.transposed) {
        rearranged = max(rearranged, part.tensor.byteRange.count)
      }
    }
    let room = try LoadBuffer(byteCount: rearranged, field: "model")
    let turned = try fused.parts(of: tensors).filter {
      $0.order == .transposed && $0.name.contains(".attn_k_b.")
    }
    let turning = try LoadBuffer(
      byteCount: turned.reduce(0) { max($0, 2 * $1.elementCount * MemoryLayout<Float>.size) },
      field: "model")
    return try read(naming, expecting: digest, progress: progress) { tensor, bytes in
      for part in try fused.parts(of: tensor) {
        let own = part.rows.bytes(of: tensor, in: bytes, room: room.bytes)
        let isTurned = part.tensor.order == .transposed && tensor.order != .transposed
        try visit(
          part.tensor,
          isTurned ? part.tensor.turned(own, from: tensor.format, room: turning.bytes) : own)
      }
    }
  }
}
