/// A form that is made while the program runs.
public struct DynamicGenerationSchema: Sendable {
  /// A property of an object.
  public struct Property: Sendable {
    let member: SchemaMember

    /// Describes a property.
    public init(
      name: String, description: String? = nil, schema: DynamicGenerationSchema,
      isOptional: Bool = false
    ) {
      member = SchemaMember(
        name: name, form: schema.nested.described(description), isOptional: isOptional)
    }
  }

  /// The name that others refer to; empty for none.
  let name: String
  /// The form.
  let form: SchemaForm

  private init(_ name: String, _ form: SchemaForm) { (self.name, self.form) = (name, form) }

  /// Describes an object.
  public init(name: String, description: String? = nil, properties: [Property]) {
    self.init(name, SchemaForm.object(properties.map(\.member)).described(description))
  }

  /// Describes an object, and whether properties that are nil are written as `null`, instead of left out.
  public init(
    name: String, description: String? = nil,
    representNilExplicitlyInGeneratedContent explicitNil: Bool, properties: [Property]
  ) {
    let members = properties.map { explicitNil ? $0.member.withExplicitNil : $0.member }
    self.init(name, SchemaForm.object(members).described(description))
  }

  /// Nothing but null.
  public static var null: DynamicGenerationSchema { DynamicGenerationSchema("", .null) }

  /// Describes a choice between forms.
  public init(name: String, description: String? = nil, anyOf choices: [DynamicGenerationSchema]) {
    self.init(name, SchemaForm.anyOf(choices.map(\.nested)).described(description))
  }

  /// Describes a choice between texts.
  public init(name: String, description: String? = nil, anyOf choices: [String]) {
    self.init(name, SchemaForm.choice(choices).described(description))
  }

  /// Describes a list.
  public init(
    arrayOf item: DynamicGenerationSchema, minimumElements: Int? = nil, maximumElements: Int? = nil
  ) {
    let list = SchemaForm.array(of: item.nested)
    let isCounted = minimumElements != nil || maximumElements != nil
    let count = SchemaRule.count(minimum: minimumElements, maximum: maximumElements)
    self.init("", isCounted ? .guided(list, [count]) : list)
  }

  /// Describes the values of a type.
  public init<Value: Generable>(type: Value.Type, guides: [GenerationGuide<Value>] = []) {
    self.init("", .type(type, guides.flatMap(\.rules)))
  }

  /// Describes a text that matches regular expressions.
  public init<Output>(type: String.Type, guides: [Regex<Output>]) {
    self.init(type: type, guides: guides.map { GenerationGuide.pattern($0) })
  }

  /// Refers to a form with a name.
  public init(referenceTo name: String) { self.init("", .reference(name)) }

  /// The form where it stands in another.
  fileprivate var nested: SchemaForm { form }
}
