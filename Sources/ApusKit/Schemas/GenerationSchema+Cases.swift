extension GenerationSchema {
  /// A case of an enumeration, with the values that it carries.
  public struct Case: Sendable {
    let member: SchemaMember

    /// Describes a case.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - values: What it carries, by label, or `_0`, `_1` and so on.
    public init(name: String, values: [Property]) {
      member = SchemaMember(name: name, form: .object(values.map(\.member)))
    }
  }

  /// Describes an enumeration whose cases carry values: content is an object with one name, the case's, and there
  /// the values by name, as synthesized coding has it.
  public init(type: any Generable.Type, description: String? = nil, cases: [Case]) {
    self.init(
      name: schemaName(of: type),
      form: SchemaForm.anyOf(cases.map { .object([$0.member]) }).described(description))
  }

  /// The same form by another name.
  public func named(_ name: String) -> GenerationSchema {
    GenerationSchema(name: name, form: form, definitions: definitions)
  }
}

extension GeneratedContent {
  /// Names a case of an enumeration, with the values that it carries.
  public init(
    enumerationCase name: String, values: [(String, any ConvertibleToGeneratedContent)]
  ) {
    let values = GeneratedContent(properties: values, uniquingKeysWith: { $1 })
    self.init(properties: [name: values])
  }

  /// The case of an enumeration, and the values that it carries.
  ///
  /// - Throws: `ContentError` where the content is no object with one name.
  public func enumerationCase() throws -> (name: String, values: GeneratedContent) {
    guard case .object(let object) = value, object.members.count == 1,
      let name = object.members.first?.name, let values = property(name)
    else { throw ContentError("\(jsonString.prefix(80)) does not name one case") }
    return (name, values)
  }

  /// What there is of a property, in content that may still be written.
  ///
  /// - Returns: nil where it is not there, is null, or is too little yet for a value.
  /// - Throws: What the type throws where the property is complete and none of its values.
  public func partialValue<V: Generable>(
    _ type: V.Type = V.self, forProperty property: String
  ) throws -> V.PartiallyGenerated? {
    guard let content = self.property(property), content.value != .null else { return nil }
    do {
      return try V.PartiallyGenerated(content)
    } catch  where !content.isComplete {
      return nil
    }
  }

  /// What there is of a property that may be left out.
  ///
  /// - Throws: What the type throws where the property is complete and none of its values.
  public func partialValue<V: Generable>(
    _ type: V?.Type, forProperty property: String
  ) throws -> V.PartiallyGenerated? {
    try partialValue(V.self, forProperty: property)
  }
}

extension ContentError {
  /// Says that content names no case of an enumeration.
  public init(notACaseOf type: any Any.Type, _ content: GeneratedContent) {
    self.init(content, "a case of \(type)")
  }
}
