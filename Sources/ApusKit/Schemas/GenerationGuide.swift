public import FoundationEssentials
import _StringProcessing

/// What a value must keep to besides its type. It always holds, or the request is refused.
public struct GenerationGuide<Value> {
  /// The rules.
  let rules: [SchemaRule]

  /// Takes rules.
  init(_ rules: SchemaRule...) { self.rules = rules }
}

extension GenerationGuide: Sendable {}

extension GenerationGuide where Value == String {
  /// The text is this one.
  public static func constant(_ value: String) -> Self { Self(.anyOf([value])) }

  /// The text is one of these.
  public static func anyOf(_ values: [String]) -> Self { Self(.anyOf(values)) }

  /// The text matches a regular expression from its beginning to its end.
  ///
  /// A regular expression that has no pattern, because it was built of parts that are no patterns, is refused
  /// with the request.
  public static func pattern<Output>(_ regex: Regex<Output>) -> Self {
    guard let pattern = regex._literalPattern else {
      return Self(.unsupported("the regular expression has no pattern that could be enforced"))
    }
    return Self(.pattern(pattern))
  }
}

extension GenerationGuide where Value == Int {
  /// The number is at least this one.
  public static func minimum(_ value: Int) -> Self {
    Self(.range(minimum: .integer(value), maximum: nil))
  }

  /// The number is at most this one.
  public static func maximum(_ value: Int) -> Self {
    Self(.range(minimum: nil, maximum: .integer(value)))
  }

  /// The number is in a range.
  public static func range(_ range: ClosedRange<Int>) -> Self {
    Self(.range(minimum: .integer(range.lowerBound), maximum: .integer(range.upperBound)))
  }
}

extension GenerationGuide where Value == Double {
  /// The number is at least this one.
  public static func minimum(_ value: Double) -> Self { Self(.numbers(value, nil)) }

  /// The number is at most this one.
  public static func maximum(_ value: Double) -> Self { Self(.numbers(nil, value)) }

  /// The number is in a range.
  public static func range(_ range: ClosedRange<Double>) -> Self {
    Self(.numbers(range.lowerBound, range.upperBound))
  }
}

extension GenerationGuide where Value == Float {
  /// The number is at least this one.
  public static func minimum(_ value: Float) -> Self { Self(.numbers(Double(value), nil)) }

  /// The number is at most this one.
  public static func maximum(_ value: Float) -> Self { Self(.numbers(nil, Double(value))) }

  /// The number is in a range.
  public static func range(_ range: ClosedRange<Float>) -> Self {
    Self(.numbers(Double(range.lowerBound), Double(range.upperBound)))
  }
}

extension GenerationGuide where Value == Decimal {
  /// The number is at least this one.
  public static func minimum(_ value: Decimal) -> Self { Self(.numbers(value.plain, nil)) }

  /// The number is at most this one.
  public static func maximum(_ value: Decimal) -> Self { Self(.numbers(nil, value.plain)) }

  /// The number is in a range.
  public static func range(_ range: ClosedRange<Decimal>) -> Self {
    Self(.numbers(range.lowerBound.plain, range.upperBound.plain))
  }
}

extension Decimal {
  /// The nearest number that a bound can be.
  fileprivate var plain: Double { Double(description) ?? .nan }
}

extension GenerationGuide {
  /// The list has at least so many elements.
  public static func minimumCount<Element>(_ count: Int) -> GenerationGuide<[Element]>
  where Value == [Element] {
    GenerationGuide<[Element]>(.count(minimum: count, maximum: nil))
  }

  /// The list has at most so many elements.
  public static func maximumCount<Element>(_ count: Int) -> GenerationGuide<[Element]>
  where Value == [Element] {
    GenerationGuide<[Element]>(.count(minimum: nil, maximum: count))
  }

  /// The list has as many elements as a range allows.
  public static func count<Element>(_ range: ClosedRange<Int>) -> GenerationGuide<[Element]>
  where Value == [Element] {
    GenerationGuide<[Element]>(.count(minimum: range.lowerBound, maximum: range.upperBound))
  }

  /// The list has so many elements.
  public static func count<Element>(_ count: Int) -> GenerationGuide<[Element]>
  where Value == [Element] {
    GenerationGuide<[Element]>(.count(minimum: count, maximum: count))
  }

  /// The elements of the list keep to a guide.
  public static func element<Element>(_ guide: GenerationGuide<Element>)
    -> GenerationGuide<[Element]>
  where Value == [Element] {
    GenerationGuide<[Element]>(.element(guide.rules))
  }
}

// `@Guide(.count(3))` does not know the elements when it is read by itself; what it stands for does.
extension GenerationGuide where Value == [Never] {
  /// The list has at least so many elements.
  public static func minimumCount(_ count: Int) -> Self {
    Self(.count(minimum: count, maximum: nil))
  }

  /// The list has at most so many elements.
  public static func maximumCount(_ count: Int) -> Self {
    Self(.count(minimum: nil, maximum: count))
  }

  /// The list has as many elements as a range allows.
  public static func count(_ range: ClosedRange<Int>) -> Self {
    Self(.count(minimum: range.lowerBound, maximum: range.upperBound))
  }

  /// The list has so many elements.
  @_disfavoredOverload public static func count(_ count: Int) -> Self {
    Self(.count(minimum: count, maximum: count))
  }
}

extension SchemaRule {
  /// A range of numbers; none is in one whose ends are no numbers.
  static func numbers(_ minimum: Double?, _ maximum: Double?) -> SchemaRule {
    for end in [minimum, maximum].compactMap({ $0 }) where !end.isFinite {
      return .unsupported("\(end) cannot be the end of a range")
    }
    return .range(
      minimum: minimum.map(JSONValue.init(exactly:)),
      maximum: maximum.map(JSONValue.init(exactly:)))
  }
}
