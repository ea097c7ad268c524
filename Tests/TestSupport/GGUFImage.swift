/// The bytes of a GGUF file with the place of every field in them.
package struct GGUFImage: Sendable {
  /// One field: a name such as `kv[3].key.length`, and where it lies.
  package struct Field: Sendable {
    package let name: String
    package let range: Range<Int>
  }

  /// The file.
  package private(set) var bytes: [UInt8] = []
  /// The fields in order; together they cover the file.
  package private(set) var fields: [Field] = []
  /// Whether integers are written with the most significant byte first.
  package let isBigEndian: Bool

  /// Creates an empty image.
  package init(isBigEndian: Bool = false) {
    self.isBigEndian = isBigEndian
  }

  /// The field of a name.
  package func field(_ name: String) -> Field? {
    fields.first { $0.name == name }
  }

  /// Appends bytes as one field.
  package mutating func append(_ content: [UInt8], as name: String) {
    fields.append(Field(name: name, range: bytes.count..<(bytes.count + content.count)))
    bytes += content
  }

  /// Appends an integer as one field.
  package mutating func append(_ value: some FixedWidthInteger, as name: String) {
    append(GGUFImage.encode(value, isBigEndian: isBigEndian), as: name)
  }

  /// Appends copies of a byte up to the next multiple of an alignment.
  package mutating func pad(to alignment: Int, with byte: UInt8, as name: String) {
    let rest = bytes.count % max(alignment, 1)
    if rest > 0 { append([UInt8](repeating: byte, count: alignment - rest), as: name) }
  }

  /// The bytes of an integer.
  package static func encode(
    _ value: some FixedWidthInteger, isBigEndian: Bool = false
  ) -> [UInt8] {
    withUnsafeBytes(of: isBigEndian ? value.bigEndian : value.littleEndian) { Array($0) }
  }
}
