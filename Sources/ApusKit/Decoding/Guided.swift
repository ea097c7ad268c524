/// A type that says more of its fields than its decoding tells: describe fields by their coding keys.
///
/// ```swift
/// struct Trip: Decodable, Guided {
///   var city: String
///   var days: Int
///   static let guides: [String: FieldGuide] = [
///     "city": "Where to go", "days": .range(1...14, "How long"),
///   ]
/// }
/// ```
public protocol Guided {
  /// What fields keep to, and what the model is told of them; a key that is none is an error of the schema.
  static var guides: [String: FieldGuide] { get }
}

/// What a field keeps to, and what the model is told of it.
public struct FieldGuide: Sendable, ExpressibleByStringLiteral {
  /// What the model is told.
  let description: String?
  /// What the value keeps to.
  let rules: [SchemaRule]

  private init(_ rules: [SchemaRule], _ description: String?) {
    (self.rules, self.description) = (rules, description)
  }

  /// Tells the model of a field.
  public init(stringLiteral description: String) { self.init([], description) }

  /// The number is in a range.
  public static func range(_ range: ClosedRange<Int>, _ description: String? = nil) -> FieldGuide {
    FieldGuide(
      [.range(minimum: .integer(range.lowerBound), maximum: .integer(range.upperBound))],
      description)
  }

  /// The number is in a range.
  public static func range(
    _ range: ClosedRange<Double>, _ description: String? = nil
  ) -> FieldGuide {
    FieldGuide([.numbers(range.lowerBound, range.upperBound)], description)
  }

  /// The list has as many elements as a range allows.
  public static func count(_ range: ClosedRange<Int>, _ description: String? = nil) -> FieldGuide {
    FieldGuide([.count(minimum: range.lowerBound, maximum: range.upperBound)], description)
  }

  /// The text is one of these.
  public static func anyOf(_ values: [String], _ description: String? = nil) -> FieldGuide {
    FieldGuide([.anyOf(values)], description)
  }

  /// The text matches a regular expression in the syntax of ECMA-262, from its beginning to its end.
  public static func pattern(_ regex: String, _ description: String? = nil) -> FieldGuide {
    FieldGuide([.pattern(regex)], description)
  }

  /// The elements of the list keep to a guide.
  public static func each(_ guide: FieldGuide, _ description: String? = nil) -> FieldGuide {
    FieldGuide([.element(guide.rules)], description)
  }
}
