package import Tensor

/// The storage types of tensors that need no other: the one place that lists them.
package enum FolderTypes {
  /// Each under the name that safetensors has for it.
  package static let formats: [any WeightFormat.Type] = [F32.self, F16.self, BF16.self]

  /// Their names.
  package static var names: [String] { formats.map { $0.name } }
}

/// A tensor of a folder as a model needs it: stored by itself, or made of several stored ones.
struct FolderTensor: Sendable {
  /// The name.
  let name: String
  /// The lengths, the slowest-running first.
  let shape: [Int]
  /// The name of the storage type.
  let type: String
  /// The layout of the values; nil where none is known for the type.
  let format: (any WeightFormat.Type)?
  /// Where the values start in the file, and how many bytes are handed over.
  let byteRange: Range<UInt64>
  /// How it is made, where it is not as it is stored.
  let assembled: AssembledTensor?

  /// A tensor as it is stored.
  init(_ tensor: SafetensorsHeader.Tensor) {
    (name, shape, type) = (tensor.name, tensor.shape, tensor.type)
    format = FolderTypes.formats.first { $0.name == tensor.type }
    byteRange = tensor.byteRange
    assembled = nil
  }

  /// A tensor that is made of others.
  init(_ tensor: AssembledTensor) {
    (name, shape, type, format) = (tensor.name, tensor.shape, tensor.format.name, tensor.format)
    let start = tensor.parts[0].byteRange.lowerBound
    byteRange = start..<start + UInt64(tensor.byteCount)
    assembled = tensor
  }
}

/// All tensors of a folder, in the order in which reading the files completes them.
struct FolderTensors: Sendable {
  /// A tensor, and the file that completes it.
  struct Entry: Sendable {
    /// The tensor.
    let tensor: FolderTensor
    /// The file's name.
    let file: String
  }

  /// The tensors.
  let entries: [Entry]

  /// Finds out which stored tensors belong together.
  init(
    _ files: SafetensorsFiles, quantization: (any FolderQuantization)?
  ) throws(ModelError) {
    let stored = StoredTensors(files.shards.flatMap(\.header.tensors))
    let assembled = try quantization?.assembled(stored) ?? []
    if let quantization, assembled.isEmpty {
      throw ModelError(
        .missing, field: FolderConfiguration.field("quantization_config"),
        "no tensor is quantised as \(type(of: quantization).method) keeps them")
    }
    var wholes: [String: [Int]] = [:]
    for (place, tensor) in assembled.enumerated() {
      if stored[tensor.name] != nil, tensor.name != tensor.parts[0].name {
        throw ModelError(
          .duplicate, field: tensor.name, "\(tensor.parts[0].name) stands for this tensor too")
      }
      for part in tensor.parts { wholes[part.name, default: []].append(place) }
    }
    let unused = quantization.map { type(of: $0).unused } ?? []
    var left = assembled.map(\.parts.count)
    var entries: [Entry] = []
    for shard in files.shards {
      for tensor in shard.header.tensors {
        guard let places = wholes[tensor.name] else {
          if !unused.contains(where: { tensor.name.hasSuffix($0) }) {
            entries.append(Entry(tensor: FolderTensor(tensor), file: shard.name))
          }
          continue
        }
        for place in places {
          left[place] -= 1
          guard left[place] == 0 else { continue }
          entries.append(Entry(tensor: FolderTensor(assembled[place]), file: shard.name))
        }
      }
    }
    self.entries = entries
  }
}

/// Bytes of parts of tensors, kept until the last part is read.
struct PartBuffers {
  /// Memory that the parts share by reference.
  private final class Part {
    let memory: LoadBuffer

    init(byteCount: Int, field: String) throws(ModelError) {
      memory = try LoadBuffer(byteCount: byteCount, field: field)
    }
  }

  /// The tensors that a part belongs to.
  private var wholes: [String: [FolderTensor]] = [:]
  private var parts: [String: Part] = [:]

  /// Knows the tensors that are made of parts.
  init(_ tensors: [FolderTensor]) {
    for tensor in tensors {
      for part in tensor.assembled?.parts ?? [] { wholes[part.name, default: []].append(tensor) }
    }
  }

  /// Memory for a stored tensor; nil where no tensor is made of it.
  mutating func room(
    for tensor: SafetensorsHeader.Tensor
  ) throws(ModelError) -> UnsafeMutableRawBufferPointer? {
    guard wholes[tensor.name] != nil else { return nil }
    let part = try Part(byteCount: tensor.byteRange.count, field: tensor.name)
    parts[tensor.name] = part
    return part.memory.bytes
  }

  /// Makes the tensors that a stored one completes, and hands them over.
  mutating func complete(
    _ stored: SafetensorsHeader.Tensor,
    visit: (FolderTensor, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    for tensor in wholes[stored.name] ?? [] {
      guard let assembled = tensor.assembled else { continue }
      let bytes = assembled.parts.compactMap { parts[$0.name]?.memory.bytes }
      guard bytes.count == assembled.parts.count else { continue }
      let rows = try LoadBuffer(byteCount: assembled.byteCount, field: tensor.name)
      try assembled.maker.make(bytes.map { UnsafeRawBufferPointer($0) }, into: rows.bytes)
      for part in assembled.parts { parts[part.name] = nil }
      try visit(tensor, UnsafeRawBufferPointer(rows.bytes))
    }
  }
}
