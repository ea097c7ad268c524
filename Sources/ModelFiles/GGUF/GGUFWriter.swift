package import Tensor

/// Writes GGUF files of version 3: entries and tensors in the order in which they are added.
package struct GGUFWriter {
  /// The value of an entry.
  package enum Value {
    case unsigned(UInt32)
    case float(Float)
    case bool(Bool)
    case string(String)
    case strings([String])
    case integers([Int32])
    /// A value of another file.
    case copied(MetadataValue)
  }

  private static let alignment = 32
  private var entries: [UInt8] = []
  private var entryCount = 0
  private var declarations: [UInt8] = []
  private var tensorCount = 0
  private var data: [UInt8] = []

  /// Creates a file without content.
  package init() {}

  /// Adds an entry, whose key must not be there yet.
  package mutating func add(_ key: String, _ value: Value) {
    entries.append(text: key)
    switch value {
    case .unsigned(let number): entries.append(.uint32, number)
    case .float(let number): entries.append(.float32, number.bitPattern)
    case .bool(let flag): entries.append(.bool, UInt8(flag ? 1 : 0))
    case .string(let text):
      entries.append(little: MetadataType.string.rawValue)
      entries.append(text: text)
    case .strings(let texts): entries.append(texts)
    case .integers(let numbers):
      entries.append(array: .int32, count: numbers.count)
      for number in numbers { entries.append(little: number) }
    case .copied(let value): entries.append(value)
    }
    entryCount += 1
  }

  /// Adds a tensor.
  ///
  /// - Parameters:
  ///   - dimensions: The lengths, the fastest-running first.
  ///   - format: The format, one of those that have a number in GGUF files.
  ///   - bytes: The values in the format's layout.
  package mutating func add(
    tensor name: String, dimensions: [Int], format: any WeightFormat.Type, bytes: [UInt8]
  ) {
    let type = GGUFTypes.formats.first { $0.value.name == format.name }?.key ?? 0
    declarations.append(text: name)
    declarations.append(little: UInt32(dimensions.count))
    for length in dimensions { declarations.append(little: UInt64(length)) }
    declarations.append(little: type)
    declarations.append(little: UInt64(data.count))
    data += bytes
    data.pad(to: Self.alignment)
    tensorCount += 1
  }

  /// The bytes of the file.
  package var bytes: [UInt8] {
    var file = Array("GGUF".utf8)
    file.append(little: UInt32(3))
    file.append(little: UInt64(tensorCount))
    file.append(little: UInt64(entryCount))
    file += entries + declarations
    file.pad(to: Self.alignment)
    return file + data
  }
}

extension [UInt8] {
  fileprivate mutating func append(little value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func append(text: String) {
    append(little: UInt64(text.utf8.count))
    append(contentsOf: text.utf8)
  }

  fileprivate mutating func append(_ type: MetadataType, _ value: some FixedWidthInteger) {
    append(little: type.rawValue)
    append(little: value)
  }

  fileprivate mutating func append(array type: MetadataType, count: Int) {
    append(little: MetadataType.array.rawValue)
    append(little: type.rawValue)
    append(little: UInt64(count))
  }

  fileprivate mutating func append(_ texts: some Collection<String>) {
    append(array: .string, count: texts.count)
    for text in texts { append(text: text) }
  }

  fileprivate mutating func pad(to alignment: Int) {
    append(contentsOf: repeatElement(0, count: (alignment - count % alignment) % alignment))
  }

  /// Appends a value that another file states, in a type that holds it.
  fileprivate mutating func append(_ value: MetadataValue) {
    switch value {
    case .unsigned(let number):
      if let small = UInt32(exactly: number) {
        append(.uint32, small)
      } else {
        append(.uint64, number)
      }
    case .signed(let number):
      if let small = Int32(exactly: number) {
        append(.int32, small)
      } else {
        append(.int64, number)
      }
    case .float(let number): append(.float64, number.bitPattern)
    case .bool(let flag): append(.bool, UInt8(flag ? 1 : 0))
    case .string(let text):
      append(little: MetadataType.string.rawValue)
      append(text: text)
    case .strings(let table): append(table)
    case .numbers(let numbers): append(numbers)
    }
  }

  private mutating func append(_ numbers: NumberArray) {
    append(array: numbers.widened, count: numbers.count)
    for index in 0..<numbers.count {
      switch numbers[index] {
      case .unsigned(let number): append(little: number)
      case .signed(let number): append(little: number)
      case .float(let number): append(little: Float(number).bitPattern)
      case .bool(let flag): append(little: UInt8(flag ? 1 : 0))
      case .string, .strings, .numbers: break
      }
    }
  }
}

extension NumberArray {
  /// The type as which all elements are written.
  fileprivate var widened: MetadataType {
    switch type {
    case .uint8, .uint16, .uint32, .uint64: .uint64
    case .int8, .int16, .int32, .int64: .int64
    case .float32, .float64: .float32
    case .bool, .string, .array: .bool
    }
  }
}
