/// Writes safetensors files field by field; every length, shape and offset can be made to lie.
package struct SafetensorsBuilder: Sendable {
  /// A tensor; what is nil is derived from the rest.
  package struct Tensor: Sendable {
    package var name: String
    package var type: JSONText
    package var shape: JSONText
    package var offsets: JSONText?
    /// What stands in the place of type, shape and offsets.
    package var entry: JSONText?
    package var data: [UInt8]

    /// Creates a tensor; `shape` has the slowest-running length first.
    package init(_ name: String, _ shape: [Int], type: String, data: [UInt8]) {
      self.name = name
      self.type = .string(type)
      self.shape = .array(shape.map { .number($0) })
      self.data = data
    }
  }

  /// What `__metadata__` holds, where it is there.
  package var metadata: JSONText? = ["format": "pt"]
  package var tensors: [Tensor] = []
  /// The length in front of the header.
  package var headerLength: UInt64?
  /// What stands in the place of the header.
  package var header: String?
  package var trailer: [UInt8] = []

  /// Creates a builder of a file without tensors.
  package init(_ tensors: [Tensor] = []) {
    self.tensors = tensors
  }

  /// The file.
  package func bytes() -> [UInt8] {
    var text = Array((header ?? entries.text).utf8)
    // As most writers have it, values start at a multiple of eight bytes.
    if header == nil {
      text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    }
    let length = GGUFImage.encode(headerLength ?? UInt64(text.count))
    return length + text + tensors.flatMap(\.data) + trailer
  }

  private var entries: JSONText {
    var members: [(name: String, value: JSONText)] = []
    if let metadata { members.append(("__metadata__", metadata)) }
    var next = 0
    for tensor in tensors {
      let end = next + tensor.data.count
      let offsets = tensor.offsets ?? [.number(next), .number(end)]
      let entry: JSONText = [
        "dtype": tensor.type, "shape": tensor.shape, "data_offsets": offsets,
      ]
      members.append((tensor.name, tensor.entry ?? entry))
      next = end
    }
    return .object(members)
  }

  /// Changes a tensor by name.
  package mutating func change(_ name: String, _ body: (inout Tensor) -> Void) {
    if let place = tensors.firstIndex(where: { $0.name == name }) { body(&tensors[place]) }
  }
}
