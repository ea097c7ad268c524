/// A type that is read as one value.
protocol PlainDecodable: Decodable {
  /// The form of its values.
  static var form: SchemaForm { get }
  /// One of them.
  static var sample: Self { get }
}

extension String: PlainDecodable {
  static var form: SchemaForm { .string }
  static var sample: String { "" }
}

extension Bool: PlainDecodable {
  static var form: SchemaForm { .boolean }
  static var sample: Bool { false }
}

extension Double: PlainDecodable {
  static var form: SchemaForm { .number }
  static var sample: Double { 0 }
}

extension Float: PlainDecodable {
  static var form: SchemaForm { .number }
  static var sample: Float { 0 }
}

extension PlainDecodable where Self: FixedWidthInteger {
  /// Whole numbers that the type holds, and an `Int` as well.
  static var form: SchemaForm {
    guard Self.min > Int.min || Self.max < Int.max else { return .integer }
    let (least, most) = (Int(clamping: Self.min), Int(clamping: Self.max))
    return .guided(.integer, [.range(minimum: .integer(least), maximum: .integer(most))])
  }
  static var sample: Self { 0 }
}

extension Int: PlainDecodable {}
extension Int8: PlainDecodable {}
extension Int16: PlainDecodable {}
extension Int32: PlainDecodable {}
extension Int64: PlainDecodable {}
extension UInt: PlainDecodable {}
extension UInt8: PlainDecodable {}
extension UInt16: PlainDecodable {}
extension UInt32: PlainDecodable {}
extension UInt64: PlainDecodable {}

/// A type whose values have values of another type in them.
protocol WrappingDecodable {
  /// That type; nil where it cannot be decoded.
  static var element: (any Decodable.Type)? { get }
  /// Whether a value needs one of that type.
  static var needsElement: Bool { get }
  /// The form, by that of the other type.
  static func form(of element: SchemaForm) -> SchemaForm
  /// A value.
  static func sample(of element: (any Decodable)?) throws(ApusError) -> (any Decodable)?
}

extension Array: WrappingDecodable {
  static var element: (any Decodable.Type)? { Element.self as? any Decodable.Type }
  static var needsElement: Bool { false }
  static func form(of element: SchemaForm) -> SchemaForm { .array(of: element) }
  static func sample(of element: (any Decodable)?) throws(ApusError) -> (any Decodable)? {
    [Element]() as? any Decodable
  }
}

extension Optional: WrappingDecodable {
  static var element: (any Decodable.Type)? { Wrapped.self as? any Decodable.Type }
  static var needsElement: Bool { false }
  static func form(of element: SchemaForm) -> SchemaForm {
    .anyOf([element, .null])
  }
  static func sample(of element: (any Decodable)?) throws(ApusError) -> (any Decodable)? {
    Wrapped?.none as? any Decodable
  }
}

/// A type whose values are found by keys that are not known.
protocol KeyedDecodable {}

extension Dictionary: KeyedDecodable {}
