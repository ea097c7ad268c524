import FoundationEssentials
import Synchronization

extension GenerationSchema {
  /// Asks a type's own decoding what it reads.
  ///
  /// Structures of texts, truth values, numbers, lists, optionals, other structures and enumerations of texts with
  /// `CaseIterable` can be told, those that contain themselves among them. The type is asked once.
  ///
  /// - Throws: `ApusError.notDescribable` for what cannot be told so, with the type or the field.
  public init<T: Decodable>(decoding type: T.Type) throws(ApusError) {
    if let known = Self.known.withLock({ $0[ObjectIdentifier(type)] }) {
      self = known
      return
    }
    let forms = DecodableForms()
    let root = try forms.form(of: type)
    self.init(name: schemaName(of: type), form: root.form, definitions: forms.definitions)
    let found = self
    Self.known.withLock { $0[ObjectIdentifier(type)] = found }
  }

  private static let known = Mutex<[ObjectIdentifier: GenerationSchema]>([:])
}

extension GeneratedContent {
  /// Makes a value of any decodable type.
  ///
  /// - Throws: `DecodingError` where the content is none of its values.
  public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
    try JSONDecoder().decode(type, from: Data(jsonString.utf8))
  }
}

/// A value that a model wrote.
public struct Decoded<Value: Sendable>: Sendable {
  /// The value.
  public let value: Value
  /// What the model wrote.
  public let json: String
  /// What it took.
  public let usage: LanguageModelSession.Usage
  /// How it came about; nil where the model does not tell.
  public let report: GenerationReport?
}

extension LanguageModelSession {
  /// Answers a text with a value of any decodable type, whose form its own decoding tells.
  ///
  /// - Throws: `ApusError.notDescribable` where it does not, `ApusError.cutShort` where the answer was cut.
  nonisolated(nonsending) public func respond<T: Decodable & Sendable>(
    to prompt: String, decoding type: T.Type = T.self,
    options: GenerationOptions = GenerationOptions()
  ) async throws -> Decoded<T> {
    let schema = try GenerationSchema(decoding: type)
    let response = try await respond(to: prompt, schema: schema, options: options)
    return Decoded(
      value: try response.content.decode(type), json: response.content.jsonString,
      usage: response.usage, report: response.report)
  }
}
