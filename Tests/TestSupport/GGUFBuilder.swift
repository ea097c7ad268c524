import GPTModel

/// Writes GGUF files field by field; every count, length and offset can be made to lie.
package struct GGUFBuilder: Sendable {
  /// A metadata entry.
  package struct Entry: Sendable {
    package var key: [UInt8]
    package var keyLength: UInt64?
    package var value: GGUFValue

    /// Creates an entry.
    package init(_ key: String, _ value: GGUFValue) {
      self.key = Array(key.utf8)
      self.value = value
    }
  }

  /// A tensor; what is nil is derived from the rest.
  package struct Tensor: Sendable {
    package var name: [UInt8]
    package var nameLength: UInt64?
    package var rank: UInt32?
    package var dimensions: [UInt64]
    package var fileType: UInt32
    package var offset: UInt64?
    package var data: [UInt8]

    /// Creates a tensor.
    package init(_ name: String, _ dimensions: [UInt64], type: UInt32, data: [UInt8]) {
      self.name = Array(name.utf8)
      self.dimensions = dimensions
      fileType = type
      self.data = data
    }
  }

  package var magic = Array("GGUF".utf8)
  package var version: UInt32 = 3
  package var tensorCount: UInt64?
  package var entryCount: UInt64?
  package var entries: [Entry] = []
  package var tensors: [Tensor] = []
  /// The multiple on which data is laid out; the metadata says what it says.
  package var alignment = 32
  package var paddingByte: UInt8 = 0
  package var trailer: [UInt8] = []
  package var isBigEndian = false

  /// Creates a builder of a file without content.
  package init() {}

  /// The file.
  package func bytes() -> [UInt8] { image().bytes }

  /// The file with its fields.
  package func image() -> GGUFImage {
    var image = GGUFImage(isBigEndian: isBigEndian)
    image.append(magic, as: "magic")
    image.append(version, as: "version")
    image.append(tensorCount ?? UInt64(tensors.count), as: "tensor_count")
    image.append(entryCount ?? UInt64(entries.count), as: "metadata_kv_count")
    for (index, entry) in entries.enumerated() {
      let name = "kv[\(index)]"
      image.append(entry.keyLength ?? UInt64(entry.key.count), as: "\(name).key.length")
      image.append(entry.key, as: "\(name).key")
      image.append(entry.value.type, as: "\(name).type")
      entry.value.write(to: &image, as: "\(name).value")
    }
    writeDeclarations(to: &image)
    image.pad(to: alignment, with: paddingByte, as: "header.padding")
    for (index, tensor) in tensors.enumerated() {
      image.append(tensor.data, as: "tensor[\(index)].data")
      image.pad(to: alignment, with: paddingByte, as: "tensor[\(index)].padding")
    }
    image.append(trailer, as: "trailer")
    return image
  }

  private func writeDeclarations(to image: inout GGUFImage) {
    var next = 0
    for (index, tensor) in tensors.enumerated() {
      let name = "tensor[\(index)]"
      image.append(tensor.nameLength ?? UInt64(tensor.name.count), as: "\(name).name.length")
      image.append(tensor.name, as: "\(name).name")
      image.append(tensor.rank ?? UInt32(tensor.dimensions.count), as: "\(name).rank")
      for (axis, length) in tensor.dimensions.enumerated() {
        image.append(length, as: "\(name).dimension[\(axis)]")
      }
      image.append(tensor.fileType, as: "\(name).type")
      image.append(tensor.offset ?? UInt64(next), as: "\(name).offset")
      next += (tensor.data.count + alignment - 1) / alignment * alignment
    }
  }

  /// The value of a key; setting replaces it, appends it, or removes it with nil.
  package subscript(key: String) -> GGUFValue? {
    get { entries.first { $0.key == Array(key.utf8) }?.value }
    set {
      let place = entries.firstIndex { $0.key == Array(key.utf8) }
      switch (place, newValue) {
      case (let place?, let value?): entries[place].value = value
      case (let place?, nil): entries.remove(at: place)
      case (nil, let value?): entries.append(Entry(key, value))
      case (nil, nil): break
      }
    }
  }

  /// The place of a tensor in the list, or the count where there is none.
  package func index(ofTensor name: String) -> Int {
    tensors.firstIndex { $0.name == Array(name.utf8) } ?? tensors.count
  }

  /// Changes a tensor by name.
  package mutating func change(_ name: String, _ body: (inout Tensor) -> Void) {
    let place = index(ofTensor: name)
    if tensors.indices.contains(place) { body(&tensors[place]) }
  }

  /// A small file with a key of every value type and a tensor of every storage type.
  package static func sample() -> GGUFBuilder {
    var builder = GGUFBuilder()
    builder.entries = [
      Entry("general.architecture", .text("sample")),
      Entry("sample.u8", .uint8(200)), Entry("sample.i8", .int8(-100)),
      Entry("sample.u16", .uint16(60_000)), Entry("sample.i16", .int16(-30_000)),
      Entry("sample.u32", .uint32(4_000_000_000)), Entry("sample.i32", .int32(-2_000_000_000)),
      Entry("sample.u64", .uint64(.max)), Entry("sample.i64", .int64(.min)),
      Entry("sample.f32", .float32(0.1)), Entry("sample.f64", .float64(-1e300)),
      Entry("sample.bool", .bool(1)), Entry("sample.string", .text("Schwälbchen")),
      Entry("sample.strings", .texts(["", "a", "Mauersegler", "Ġ雨燕"])),
      Entry("sample.integers", .int32s([1, -1, .max])),
      Entry("sample.floats", .array(type: 6, [.float32(1.5), .float32(-0.25)])),
      Entry("sample.bools", .array(type: 7, [.bool(1), .bool(0)])),
      Entry("sample.empty", .array(type: 4, [])),
    ]
    var generator = SeededGenerator(seed: 7)
    for format in GGUFWeightFormat.allCases {
      let columns = max(32, format.layout.blockLength)
      let values = generator.normal(count: 2 * columns, deviation: 0.1)
      builder.tensors.append(
        Tensor(
          "\(format.rawValue).weight", [UInt64(columns), 2], type: format.fileType,
          data: format.encode(values)))
    }
    return builder
  }
}
