public import FoundationEssentials

/// What a model wrote, as JSON has it: of any form, and while it is written perhaps not all of it.
public struct GeneratedContent: Sendable {
  /// The kinds of content.
  public enum Kind: Equatable, Sendable {
    /// `null`.
    case null
    /// A truth value.
    case bool(Bool)
    /// A number.
    case number(Double)
    /// A text.
    case string(String)
    /// A list.
    case array([GeneratedContent])
    /// Named values, and their names in the order in which they were written.
    case structure(properties: [String: GeneratedContent], orderedKeys: [String])
  }

  /// What was written, numbers as exactly as they were.
  let value: JSONValue
  /// How many values are unfinished: the last of those in the last of those, and so on.
  let open: Int
  /// What tells it from other content of a response.
  public var id: GenerationID?

  /// Takes a value.
  init(_ value: JSONValue, open: Int = 0, id: GenerationID? = nil) {
    (self.value, self.open, self.id) = (value, open, id)
  }

  /// Takes a value that has a form of content.
  public init(_ value: some ConvertibleToGeneratedContent) { self = value.generatedContent }

  /// Takes a value that has a form of content, with an identity.
  public init(_ value: some ConvertibleToGeneratedContent, id: GenerationID) {
    self = value.generatedContent
    self.id = id
  }

  /// Reads JSON, or the beginning of it.
  ///
  /// - Throws: A `ParsingError` where the text is not the beginning of a JSON document.
  public init(json: String) throws {
    var reader = PartialJSON()
    do {
      try reader.append(json)
    } catch {
      throw ParsingError(
        rawContent: json, underlyingError: error, debugDescription: "this is not JSON: \(error)")
    }
    self = (try? reader.finished()) ?? reader.content ?? GeneratedContent(.null, open: 1)
  }

  /// Names values, in an order.
  public init(
    properties: KeyValuePairs<String, any ConvertibleToGeneratedContent>, id: GenerationID? = nil
  ) {
    var object = JSONObject()
    for (name, value) in properties { object[name] = value.generatedContent.value }
    self.init(.object(object), id: id)
  }

  /// Names values, in an order.
  ///
  /// - Parameters:
  ///   - properties: The names and values.
  ///   - id: What tells the content from others.
  ///   - combine: Chooses where a name comes twice.
  public init<S: Sequence>(
    properties: S, id: GenerationID? = nil,
    uniquingKeysWith combine: (GeneratedContent, GeneratedContent) throws
      -> some ConvertibleToGeneratedContent
  ) rethrows where S.Element == (String, any ConvertibleToGeneratedContent) {
    var object = JSONObject()
    for (name, value) in properties {
      guard let earlier = object[name] else {
        object[name] = value.generatedContent.value
        continue
      }
      let chosen = try combine(GeneratedContent(earlier), value.generatedContent)
      object[name] = chosen.generatedContent.value
    }
    self.init(.object(object), id: id)
  }

  /// Lists values.
  public init<S: Sequence>(elements: S, id: GenerationID? = nil)
  where S.Element == any ConvertibleToGeneratedContent {
    self.init(.array(elements.map(\.generatedContent.value)), id: id)
  }

  /// Takes content of some kind.
  public init(kind: Kind, id: GenerationID? = nil) {
    switch kind {
    case .null: self.init(.null, id: id)
    case .bool(let flag): self.init(.bool(flag), id: id)
    case .number(let number): self.init(JSONValue(exactly: number), id: id)
    case .string(let text): self.init(.string(text), id: id)
    case .array(let elements): self.init(.array(elements.map(\.value)), id: id)
    case .structure(let properties, let keys):
      var object = JSONObject()
      for key in keys { object[key] = properties[key]?.value }
      self.init(.object(object), id: id)
    }
  }

  /// Whether all of it was written.
  public var isComplete: Bool { open == 0 }

  /// The content as JSON; of unfinished content, what is there of it, closed.
  public var jsonString: String {
    var json = JSONWriter()
    json.value(value)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  /// What kind of content it is, and what is in it.
  public var kind: Kind {
    switch value {
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .integer(let integer): return .number(Double(integer))
    case .number(let number): return .number(number)
    case .string(let text): return .string(text)
    case .array: return .array(elements)
    case .object(let object):
      var properties: [String: GeneratedContent] = [:]
      for member in object.members { properties[member.name] = property(member.name) }
      return .structure(properties: properties, orderedKeys: object.members.map(\.name))
    }
  }

  /// The elements of a list; none of anything else.
  var elements: [GeneratedContent] {
    guard case .array(let values) = value else { return [] }
    return values.enumerated().map { index, value in
      GeneratedContent(
        value, open: index == values.count - 1 ? max(0, open - 1) : 0, id: id?.child("\(index)"))
    }
  }

  /// A named value; nil where there is none.
  func property(_ name: String) -> GeneratedContent? {
    guard case .object(let object) = value, let value = object[name] else { return nil }
    let isLast = object.members.last.map { Array($0.name.utf8) == Array(name.utf8) } ?? false
    return GeneratedContent(value, open: isLast ? max(0, open - 1) : 0, id: id?.child(name))
  }
}

extension GeneratedContent: Equatable {
  /// Compares what was written and how far; identities do not count.
  public static func == (one: Self, other: Self) -> Bool {
    one.value == other.value && one.open == other.open
  }
}

extension GeneratedContent: CustomDebugStringConvertible {
  /// The content as JSON.
  public var debugDescription: String { jsonString }
}

extension GeneratedContent: Codable {
  /// Reads JSON from a string.
  public init(from decoder: any Decoder) throws {
    try self.init(json: decoder.singleValueContainer().decode(String.self))
  }

  /// Writes JSON as a string, so that the order of names stays.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(jsonString)
  }
}

// MARK: - Values

extension GeneratedContent {
  /// Makes a value of the content.
  ///
  /// - Throws: What the type throws where the content is not one of its values.
  public func value<V: ConvertibleFromGeneratedContent>(_ type: V.Type = V.self) throws -> V {
    try V(self)
  }

  /// Makes a value of a property.
  ///
  /// - Throws: `ContentError` where there is no such property, and what the type throws.
  public func value<V: ConvertibleFromGeneratedContent>(
    _ type: V.Type = V.self, forProperty property: String
  ) throws -> V {
    guard let content = self.property(property) else {
      throw ContentError("there is no property \(property.debugDescription)")
    }
    return try V(content)
  }

  /// Makes a value of a property; nil where it is not there, or is null.
  public func value<V: ConvertibleFromGeneratedContent>(
    _ type: V?.Type = V?.self, forProperty property: String
  ) throws -> V? {
    guard let content = self.property(property), content.value != .null else { return nil }
    return try V(content)
  }
}

extension GeneratedContent {
  /// Why a text is no content.
  public struct ParsingError: LocalizedError, CustomDebugStringConvertible {
    /// The text.
    public var rawContent: String
    /// What found the fault.
    public var underlyingError: (any Error)?
    /// One sentence.
    public var debugDescription: String

    /// Says what is wrong with a text.
    public init(
      rawContent: String, underlyingError: (any Error)? = nil, debugDescription: String
    ) {
      (self.rawContent, self.underlyingError) = (rawContent, underlyingError)
      self.debugDescription = debugDescription
    }

    /// One sentence.
    public var errorDescription: String? { debugDescription }
  }
}

/// Why content is not a value of a type.
public struct ContentError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One sentence.
  public let description: String

  /// Says why.
  public init(_ description: String) { self.description = description }
}

/// What tells a generated value from others of the same response, while it is written and afterwards.
public struct GenerationID: Sendable, Hashable {
  private let bits: UInt64

  /// Creates one unlike any other.
  public init() { bits = .random(in: .min ... .max) }

  private init(bits: UInt64) { self.bits = bits }

  /// That of a part, the same as long as the whole keeps its own: FNV-1a over the part's name.
  func child(_ name: String) -> GenerationID {
    GenerationID(
      bits: name.utf8.reduce(bits ^ 0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
  }
}

extension JSONValue {
  /// A number, as an integer where it is one.
  init(exactly number: Double) {
    self = Int(exactly: number).map(JSONValue.integer) ?? .number(number)
  }
}
