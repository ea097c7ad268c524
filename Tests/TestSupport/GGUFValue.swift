/// A metadata value to be written, right or wrong.
package indirect enum GGUFValue: Sendable {
  case uint8(UInt8)
  case int8(Int8)
  case uint16(UInt16)
  case int16(Int16)
  case uint32(UInt32)
  case int32(Int32)
  case float32(Float)
  case bool(UInt8)
  /// A string, with another length in front than its own if one is given.
  case bytes([UInt8], length: UInt64? = nil)
  /// Elements of one type, with another count in front than their own if one is given.
  case array(type: UInt32, [GGUFValue], count: UInt64? = nil)
  case uint64(UInt64)
  case int64(Int64)
  case float64(Double)
  /// Any type number with any content.
  case raw(type: UInt32, [UInt8])

  /// A string.
  package static func text(_ text: String) -> GGUFValue { .bytes(Array(text.utf8)) }
  /// An array of strings.
  package static func texts(_ texts: [String]) -> GGUFValue {
    .array(type: 8, texts.map { .text($0) })
  }
  /// An array of 32-bit integers.
  package static func int32s(_ values: [Int32]) -> GGUFValue {
    .array(type: 5, values.map { .int32($0) })
  }

  /// An array of truth values.
  package static func bools(_ values: [Bool]) -> GGUFValue {
    .array(type: 7, values.map { .bool($0 ? 1 : 0) })
  }

  /// An array of 32-bit floats.
  package static func floats(_ values: [Float]) -> GGUFValue {
    .array(type: 6, values.map { .float32($0) })
  }

  /// The number of the type.
  package var type: UInt32 {
    switch self {
    case .uint8: 0
    case .int8: 1
    case .uint16: 2
    case .int16: 3
    case .uint32: 4
    case .int32: 5
    case .float32: 6
    case .bool: 7
    case .bytes: 8
    case .array: 9
    case .uint64: 10
    case .int64: 11
    case .float64: 12
    case .raw(let type, _): type
    }
  }

  /// Appends the value without its type.
  package func write(to image: inout GGUFImage, as name: String) {
    switch self {
    case .uint8(let value): image.append(value, as: name)
    case .int8(let value): image.append(value, as: name)
    case .uint16(let value): image.append(value, as: name)
    case .int16(let value): image.append(value, as: name)
    case .uint32(let value): image.append(value, as: name)
    case .int32(let value): image.append(value, as: name)
    case .float32(let value): image.append(value.bitPattern, as: name)
    case .bool(let value): image.append(value, as: name)
    case .uint64(let value): image.append(value, as: name)
    case .int64(let value): image.append(value, as: name)
    case .float64(let value): image.append(value.bitPattern, as: name)
    case .raw(_, let content): image.append(content, as: name)
    case .bytes(let content, let length):
      image.append(length ?? UInt64(content.count), as: "\(name).length")
      image.append(content, as: name)
    case .array(let type, let elements, let count):
      image.append(type, as: "\(name).elementType")
      image.append(count ?? UInt64(elements.count), as: "\(name).count")
      for (index, element) in elements.enumerated() {
        element.write(to: &image, as: "\(name)[\(index)]")
      }
    }
  }
}
