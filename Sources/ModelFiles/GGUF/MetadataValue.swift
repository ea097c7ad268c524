/// A metadata value as the file states it; arrays keep the file's compact form.
package enum MetadataValue: Sendable, Hashable {
  case unsigned(UInt64)
  case signed(Int64)
  case float(Double)
  case bool(Bool)
  case string(String)
  case strings(StringTable)
  case numbers(NumberArray)

  /// What the value is, for messages.
  package var typeName: String {
    switch self {
    case .unsigned: "an unsigned integer"
    case .signed: "a signed integer"
    case .float: "a floating-point number"
    case .bool: "a truth value"
    case .string: "a string"
    case .strings: "an array of strings"
    case .numbers(let array): "an array of \(array.type)"
    }
  }
}

/// The types of metadata values, by the number a file gives them.
package enum MetadataType: UInt32, Sendable, CaseIterable {
  case uint8 = 0
  case int8 = 1
  case uint16 = 2
  case int16 = 3
  case uint32 = 4
  case int32 = 5
  case float32 = 6
  case bool = 7
  case string = 8
  case array = 9
  case uint64 = 10
  case int64 = 11
  case float64 = 12

  /// The bytes of one value; nil for those whose size varies.
  package var byteCount: Int? {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    case .string, .array: nil
    }
  }
}

/// An array of numbers or truth values in the bytes of the file.
package struct NumberArray: Sendable, Hashable {
  /// The type of every element.
  package let type: MetadataType
  /// The number of elements.
  package let count: Int
  private let bytes: [UInt8]

  /// Creates an array over little-endian elements; nil for types of varying size or a wrong length.
  init?(type: MetadataType, count: Int, bytes: [UInt8]) {
    guard let size = type.byteCount, bytes.count / size == count, bytes.count % size == 0
    else { return nil }
    self.type = type
    self.count = count
    self.bytes = bytes
  }

  /// One element.
  package subscript(index: Int) -> MetadataValue {
    switch type {
    case .uint8: .unsigned(UInt64(load(UInt8.self, index)))
    case .uint16: .unsigned(UInt64(load(UInt16.self, index)))
    case .uint32: .unsigned(UInt64(load(UInt32.self, index)))
    case .uint64: .unsigned(load(UInt64.self, index))
    case .int8: .signed(Int64(load(Int8.self, index)))
    case .int16: .signed(Int64(load(Int16.self, index)))
    case .int32: .signed(Int64(load(Int32.self, index)))
    case .int64: .signed(load(Int64.self, index))
    case .float32: .float(Double(Float(bitPattern: load(UInt32.self, index))))
    case .float64: .float(Double(bitPattern: load(UInt64.self, index)))
    case .bool, .string, .array: .bool(load(UInt8.self, index) != 0)
    }
  }

  private func load<Value: FixedWidthInteger>(_ type: Value.Type, _ index: Int) -> Value {
    precondition(index >= 0 && index < count, "element \(index) of \(count)")
    return bytes.withUnsafeBytes {
      Value(littleEndian: $0.loadUnaligned(fromByteOffset: index * Value.bitWidth / 8, as: type))
    }
  }
}
