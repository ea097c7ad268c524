import Tensor

/// Tells apart what a file keeps as one tensor: the rows of queries, keys and values, or of gate and up.
package struct FusedTensors: Sendable {
  /// A tensor that a model has, as a part of one in the file.
  package struct Part: Sendable {
    /// The tensor.
    package let tensor: SourceTensor
    /// Where its bytes lie within those of the tensor in the file.
    package let bytes: Range<Int>
  }

  /// What the rows of a tensor may stand for, first to last, by canonical names.
  ///
  /// The last is how llama.cpp keeps gates of some architectures.
  private static let fused = [
    "attn_qkv": ["attn_q", "attn_k", "attn_v"], "ffn_gate_up": ["ffn_gate", "ffn_up"],
    "ffn_up": ["ffn_gate", "ffn_up"],
  ]

  /// The rows of each tensor that the model needs, by name.
  private let needed: [String: Int]
  /// What the files have.
  private let found: Set<String>

  /// Looks at what a model needs, and at what its files have.
  package init(_ requirements: [TensorRequirement], in tensors: [SourceTensor]) {
    needed = Dictionary(requirements.map { ($0.name, $0.shape.last ?? 1) }) { first, _ in first }
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

  /// What a tensor of the files stands for: itself, or several.
  package func parts(of tensor: SourceTensor) throws(ModelError) -> [Part] {
    let whole = Part(tensor: tensor, bytes: 0..<tensor.byteRange.count)
    guard let names = parts(named: tensor.name), let rows = tensor.dimensions.last,
      tensor.dimensions.count <= 2
    else { return [whole] }
    let counts = names.map { needed[$0] ?? 0 }
    guard counts.reduce(0, +) == rows else {
      if needed[tensor.name] != nil { return [whole] }
      throw ModelError(
        .invalid, field: tensor.fileName, offset: tensor.byteRange.lowerBound,
        "the tensor has \(rows) rows; those it stands for have \(counts.reduce(0, +))")
    }
    let rowBytes = tensor.byteRange.count / rows
    var first = 0
    return zip(names, counts).map { name, count in
      let bytes = first * rowBytes..<(first + count) * rowBytes
      first += count
      return Part(tensor: tensor.part(name, rows: count, bytes: bytes), bytes: bytes)
    }
  }

  /// The names of the tensors that one of the files may stand for; nil where it stands for itself.
  private func parts(named name: String) -> [String]? {
    let pieces = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard pieces.count == 4, let bases = Self.fused[pieces[2]] else { return nil }
    let names = bases.map { "\(pieces[0]).\(pieces[1]).\($0).\(pieces[3])" }
    guard names.allSatisfy({ needed[$0] != nil }), !found.contains(names[0]) else { return nil }
    return names
  }
}

extension SourceTensor {
  /// Some rows of the tensor as one of their own.
  fileprivate func part(_ name: String, rows: Int, bytes: Range<Int>) -> SourceTensor {
    let start = byteRange.lowerBound
    return SourceTensor(
      name: name, fileName: fileName, dimensions: dimensions.dropLast() + [rows], format: format,
      byteRange: start + UInt64(bytes.lowerBound)..<start + UInt64(bytes.upperBound),
      offset: offset)
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
    let fused = FusedTensors(requirements, in: try tensors(naming))
    return try read(naming, expecting: digest, progress: progress) { tensor, bytes in
      for part in try fused.parts(of: tensor) {
        try visit(part.tensor, UnsafeRawBufferPointer(rebasing: bytes[part.bytes]))
      }
    }
  }
}
