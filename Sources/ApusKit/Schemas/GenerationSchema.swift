public import FoundationEssentials

/// The form that a model's answer must have.
///
/// There are four ways to one: a type's own, `Generable`, by hand or by its macro; the properties of a type;
/// forms that are made while the program runs, `DynamicGenerationSchema`; and the decoding of any `Decodable`
/// type.
public struct GenerationSchema: Sendable {
  /// The form's name.
  public let name: String
  /// The form.
  let form: SchemaForm
  /// Forms that it refers to by name.
  let definitions: [String: SchemaForm]

  /// Names a form.
  init(name: String, form: SchemaForm, definitions: [String: SchemaForm] = [:]) {
    (self.name, self.form, self.definitions) = (name, form, definitions)
  }

  /// Describes a type by its properties.
  public init(type: any Generable.Type, description: String? = nil, properties: [Property]) {
    self.init(
      name: schemaName(of: type),
      form: SchemaForm.object(properties.map(\.member)).described(description))
  }

  /// Describes a type by its properties, and whether those that are nil are written as `null`, instead of left out.
  public init(
    type: any Generable.Type, description: String? = nil,
    representNilExplicitlyInGeneratedContent explicitNil: Bool, properties: [Property]
  ) {
    let members = properties.map { explicitNil ? $0.member.withExplicitNil : $0.member }
    self.init(
      name: schemaName(of: type), form: SchemaForm.object(members).described(description))
  }

  /// Describes a type whose values are some texts.
  public init(type: any Generable.Type, description: String? = nil, anyOf choices: [String]) {
    self.init(
      name: schemaName(of: type), form: SchemaForm.choice(choices).described(description))
  }

  /// Describes a type whose values are those of some types.
  public init(
    type: any Generable.Type, description: String? = nil, anyOf types: [any Generable.Type]
  ) {
    self.init(
      name: schemaName(of: type),
      form: SchemaForm.anyOf(types.map { .type($0) }).described(description))
  }

  /// Puts a form together that was made while the program runs.
  ///
  /// - Parameters:
  ///   - root: The form.
  ///   - dependencies: The forms that it, or any of them, refers to by name.
  /// - Throws: A `SchemaError` where names are missing or come twice.
  public init(root: DynamicGenerationSchema, dependencies: [DynamicGenerationSchema]) throws {
    var definitions: [String: SchemaForm] = [:]
    for part in [root] + dependencies {
      try part.form.checkNames(in: part.name)
      guard !part.name.isEmpty else { continue }
      guard definitions[part.name] == nil else {
        throw SchemaError.duplicateType(
          schema: root.name, type: part.name, context: .init("\(part.name) is there twice"))
      }
      definitions[part.name] = part.form
    }
    self.init(name: root.name, form: root.form, definitions: definitions)
    let missing = Set([root.form].flatMap(\.references) + definitions.values.flatMap(\.references))
      .filter { definitions[$0] == nil }.sorted()
    guard missing.isEmpty else {
      throw SchemaError.undefinedReferences(
        schema: root.name, references: missing,
        context: .init("nothing is named \(missing.joined(separator: ", "))"))
    }
  }
}

extension GenerationSchema {
  /// A property of an object.
  public struct Property: Sendable {
    let member: SchemaMember

    /// Describes a property that is always there.
    public init<Value: Generable>(
      name: String, description: String? = nil, type: Value.Type,
      guides: [GenerationGuide<Value>] = []
    ) {
      member = SchemaMember(
        name: name, form: .type(type, guides.flatMap(\.rules)).described(description))
    }

    /// Describes a property that may be left out.
    public init<Value: Generable>(
      name: String, description: String? = nil, type: Value?.Type,
      guides: [GenerationGuide<Value>] = []
    ) {
      member = SchemaMember(
        name: name, form: .type(Value.self, guides.flatMap(\.rules)).described(description),
        isOptional: true)
    }

    /// Describes a text that matches regular expressions.
    public init<Output>(
      name: String, description: String? = nil, type: String.Type, guides: [Regex<Output>]
    ) {
      self.init(
        name: name, description: description, type: type,
        guides: guides.map { GenerationGuide.pattern($0) })
    }

    /// Describes a text that matches regular expressions and may be left out.
    public init<Output>(
      name: String, description: String? = nil, type: String?.Type, guides: [Regex<Output>]
    ) {
      self.init(
        name: name, description: description, type: type,
        guides: guides.map { GenerationGuide.pattern($0) })
    }
  }

  /// Why a schema cannot be put together.
  public enum SchemaError: LocalizedError, CustomDebugStringConvertible {
    /// What an error says.
    public struct Context: Sendable {
      /// One sentence.
      public let debugDescription: String

      /// Says what is wrong.
      public init(debugDescription: String) { self.debugDescription = debugDescription }

      init(_ sentence: String) { debugDescription = sentence }
    }

    /// Two forms have the same name.
    case duplicateType(schema: String?, type: String, context: Context)
    /// Two properties have the same name.
    case duplicateProperty(schema: String, property: String, context: Context)
    /// There is no text or form to choose from.
    case emptyTypeChoices(schema: String, context: Context)
    /// A name is referred to that no form has.
    case undefinedReferences(schema: String?, references: [String], context: Context)

    /// One sentence.
    public var debugDescription: String {
      switch self {
      case .duplicateType(_, _, let context), .duplicateProperty(_, _, let context),
        .emptyTypeChoices(_, let context), .undefinedReferences(_, _, let context):
        context.debugDescription
      }
    }

    /// One sentence.
    public var errorDescription: String? { debugDescription }

    /// What helps.
    public var recoverySuggestion: String? {
      switch self {
      case .duplicateType: "give each schema a name of its own"
      case .duplicateProperty: "give each property a name of its own"
      case .emptyTypeChoices: "name at least one choice"
      case .undefinedReferences: "pass the schemas of these names as dependencies"
      }
    }
  }
}

/// The name of a type in schemas.
func schemaName(of type: any Any.Type) -> String {
  String(String(describing: type).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
}

extension SchemaForm {
  /// The form of a type with rules.
  static func type(_ type: any Generable.Type, _ rules: [SchemaRule]) -> SchemaForm {
    rules.isEmpty ? .type(type) : .guided(.type(type), rules)
  }

  /// The form with a sentence about it, where there is one.
  func described(_ sentence: String?) -> SchemaForm {
    sentence.map { .described(self, $0) } ?? self
  }

  /// The names that it refers to.
  var references: [String] {
    switch self {
    case .reference(let name): [name]
    case .array(let element): element.references
    case .object(let members): members.flatMap(\.form.references)
    case .anyOf(let forms): forms.flatMap(\.references)
    case .guided(let form, _), .described(let form, _): form.references
    default: []
    }
  }

  /// Throws where an object has a name twice, or there is nothing to choose from.
  func checkNames(in schema: String) throws(GenerationSchema.SchemaError) {
    switch self {
    case .object(let members):
      var names: Set<String> = []
      for member in members {
        guard names.insert(member.name).inserted else {
          throw .duplicateProperty(
            schema: schema, property: member.name,
            context: .init("\(schema) has two properties named \(member.name)"))
        }
        try member.form.checkNames(in: schema)
      }
    case .choice(let texts) where texts.isEmpty:
      throw .emptyTypeChoices(schema: schema, context: .init("\(schema) has no choices"))
    case .anyOf(let forms):
      guard !forms.isEmpty else {
        throw .emptyTypeChoices(schema: schema, context: .init("\(schema) has no choices"))
      }
      for form in forms { try form.checkNames(in: schema) }
    case .array(let form), .guided(let form, _), .described(let form, _):
      try form.checkNames(in: schema)
    default: break
    }
  }
}
