import Grammars

extension GenerationSchema {
  /// The schema as JSON Schema, equal byte for byte for equal schemas.
  ///
  /// - Parameter isShown: Whether it is for a model to read, or to be enforced.
  /// - Throws: `LanguageModelError.unsupportedGenerationGuide` where a guide cannot be written down.
  func json(isShown: Bool = false) throws -> JSONValue {
    do throws(SchemaWriter.Fault) {
      return try SchemaWriter.json(of: self, isShown: isShown)
    } catch {
      throw LanguageModelError.unsupportedGenerationGuide(
        .init(schemaName: name, debugDescription: "the schema \(name): \(error.description)"))
    }
  }

  /// What a model is told of the form of its answer.
  func promptText() throws -> String {
    var json = JSONWriter()
    json.value(try self.json(isShown: true))
    return "Answer with JSON that matches this JSON Schema:\n"
      + String(decoding: json.bytes, as: UTF8.self)
  }

  /// Throws where a text does not have this form.
  ///
  /// - Throws: `ApusError.invalidAnswer` then, and what an engine throws for a schema that cannot be enforced.
  package func check(_ text: String) throws {
    var builder = GrammarBuilder()
    let start = builder.rule(named: "answer")
    do {
      let result = try JSONSchema.compile(json(), into: &builder, options: SchemaOptions())
      builder.define(start, as: result.expression)
      let bytes = TokenTrie(texts: (UInt8.min...UInt8.max).map { [$0] })
      var matcher = Matcher(try CompiledGrammar(builder.finished(start: start), trie: bytes))
      guard matcher.accept(bytes: text.utf8), matcher.mayEnd else {
        throw ApusError(.invalidAnswer, name, "\(text.prefix(200)) does not have this form")
      }
    } catch let error as GrammarErrors {
      throw LanguageModelError.unsupportedGenerationGuide(
        .init(schemaName: name, debugDescription: "\(error.faults)"))
    }
  }
}

extension GenerationSchema: Equatable {
  /// Compares what is written.
  public static func == (one: Self, other: Self) -> Bool {
    guard one.name == other.name else { return false }
    return (try? SchemaWriter.json(of: one, isShown: false))
      == (try? SchemaWriter.json(of: other, isShown: false))
  }
}

extension GenerationSchema: Codable {
  private enum Key: String, CodingKey { case name, schema }

  /// Reads a schema that was written.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let text = try container.decode(String.self, forKey: .schema)
    let value = try JSONValue(parsing: Array(text.utf8))
    self.init(name: try container.decode(String.self, forKey: .name), form: .json(value))
  }

  /// Writes its name and its JSON Schema, the latter as a text so that the order of names stays.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    var json = JSONWriter()
    json.value(try self.json())
    try container.encode(String(decoding: json.bytes, as: UTF8.self), forKey: .schema)
  }
}

extension GenerationSchema: CustomDebugStringConvertible {
  /// The JSON Schema as a model is shown it.
  public var debugDescription: String {
    var json = JSONWriter()
    guard let value = try? SchemaWriter.json(of: self, isShown: true) else { return name }
    json.value(value)
    return String(decoding: json.bytes, as: UTF8.self)
  }
}
