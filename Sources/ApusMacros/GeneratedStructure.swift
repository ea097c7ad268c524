#if Macros
  import SwiftSyntax

  /// A structure, by its stored properties.
  struct GeneratedStructure {
    private let access: String
    private let properties: [GeneratedProperty]

    /// Reads a structure; nil where something is wrong with it.
    init?(_ declaration: StructDeclSyntax, complain: Complain) {
      access = declaration.modifiers.access
      if declaration.memberBlock.hasConditions(complain: complain) { return nil }
      var (properties, isSound): ([GeneratedProperty], Bool) = ([], true)
      for member in declaration.memberBlock.members {
        guard let variable = member.decl.as(VariableDeclSyntax.self), variable.isStored else {
          continue
        }
        guard let read = GeneratedProperty.all(of: variable, complain: complain) else {
          isSound = false
          continue
        }
        properties += read
      }
      guard isSound else { return nil }
      self.properties = properties
    }

    /// The properties that are written by the model.
    private var written: [GeneratedProperty] { properties.filter { !$0.isIdentity } }
    /// The property that tells values apart.
    private var identity: GeneratedProperty? { properties.first(where: \.isIdentity) }

    /// The schema, and the type of values that are being written.
    func members(_ options: GenerableOptions) -> [String] {
      let list = written.map(\.schemaSource).joined(separator: ", ")
      let explicit =
        options.writesNil ? "representNilExplicitlyInGeneratedContent: true, " : ""
      return [options.schema("\(explicit)properties: [\(list)]", access), partial]
    }

    private var partial: String {
      let hasOwn = properties.contains { $0.key == "id" && !$0.isIdentity }
      let isGiven = hasOwn || properties.contains { $0.key == "id" }
      let identifiable = hasOwn ? "" : "Identifiable, "
      var lines = isGiven ? [] : ["\(access)var id: ApusKit.GenerationID"]
      lines += properties.map { property in
        property.isIdentity
          ? "\(access)var \(property.name): ApusKit.GenerationID"
          : "\(access)var \(property.name): \(property.type.partial)?"
      }
      var assignments = isGiven ? [] : ["self.id = content.id ?? ApusKit.GenerationID()"]
      assignments += properties.map { property in
        property.isIdentity
          ? property.identityAssignment
          : "self.\(property.name) = try content.partialValue(\(property.metatype), forProperty: \"\(property.key)\")"
      }
      return """
        \(access)nonisolated struct PartiallyGenerated: \(identifiable)ApusKit.ConvertibleFromGeneratedContent {
        \(lines.joined(separator: "\n"))

        \(access)nonisolated init(_ content: ApusKit.GeneratedContent) throws {
        \(assignments.joined(separator: "\n"))
        }
        }
        """
    }

    /// How values are made of content, and the other way.
    func conversions(_ options: GenerableOptions) -> [String] {
      let assignments = properties.map { property in
        property.isIdentity
          ? property.identityAssignment
          : "self.\(property.name) = try content.value(\(property.metatype), forProperty: \"\(property.key)\")"
      }
      let initializer = """
        \(access)nonisolated init(_ content: ApusKit.GeneratedContent) throws {
        \(assignments.joined(separator: "\n"))
        }
        """
      return [initializer, content(options)]
    }

    private func content(_ options: GenerableOptions) -> String {
      let additions = written.map { property in
        property.isOptional && !options.writesNil
          ? "if let value = self.\(property.name) { properties.append((\"\(property.key)\", value)) }"
          : "properties.append((\"\(property.key)\", self.\(property.name)))"
      }
      let beginning = written.isEmpty ? "let" : "var"
      let id = identity.map { ", id: self.\($0.name)" } ?? ""
      return """
        \(access)nonisolated var generatedContent: ApusKit.GeneratedContent {
        \(beginning) properties: [(String, any ApusKit.ConvertibleToGeneratedContent)] = []
        \(additions.joined(separator: "\n"))
        return ApusKit.GeneratedContent(properties: properties\(id), uniquingKeysWith: { $1 })
        }
        """
    }
  }

  /// A stored property.
  struct GeneratedProperty {
    /// The name as it is written in source.
    let name: String
    /// The name in content.
    let key: String
    /// The written type.
    let type: TypeSyntax
    private let guide: GuideArguments?

    /// The properties that a declaration has; nil where something is wrong with it.
    static func all(of variable: VariableDeclSyntax, complain: Complain) -> [GeneratedProperty]? {
      let guides = variable.attributes.guides
      if guides.count > 1 {
        complain(
          "a property has one @Guide; write the description and all rules in it",
          Syntax(guides[1]))
        return nil
      }
      if variable.modifiers.contains(where: { $0.name.text == "lazy" }) {
        complain(
          "a model writes values at once, and this property is 'lazy'; remove 'lazy', or compute it",
          Syntax(variable))
        return nil
      }
      // A type that is written once is that of all names before it.
      var type: TypeSyntax?
      var found: [GeneratedProperty] = []
      for binding in variable.bindings.reversed() {
        type = binding.typeAnnotation?.type ?? (binding.initializer == nil ? type : nil)
        guard
          let property = read(
            binding, variable, type, guides.first.map(GuideArguments.init), complain)
        else { return nil }
        found.insert(property, at: 0)
      }
      return found
    }

    private static func read(
      _ binding: PatternBindingSyntax, _ variable: VariableDeclSyntax, _ type: TypeSyntax?,
      _ guide: GuideArguments?, _ complain: Complain
    ) -> GeneratedProperty? {
      guard let name = binding.pattern.as(IdentifierPatternSyntax.self)?.identifier else {
        complain(
          "@Generable does not take a pattern apart; declare each property by itself",
          Syntax(binding.pattern))
        return nil
      }
      if variable.bindingSpecifier.text == "let", binding.initializer != nil {
        complain(
          "'\(name.plainName)' is a constant with a value, which a model cannot write; write 'var', or leave the value out",
          Syntax(binding))
        return nil
      }
      guard let type else {
        complain(
          "'\(name.plainName)' has no written type, and a macro does not know it; write one, as in 'var \(name.plainName): Int'",
          Syntax(binding))
        return nil
      }
      if let fault = type.fault(of: name.plainName) {
        complain(fault, Syntax(type))
        return nil
      }
      for rule in guide?.rules ?? [] {
        guard let fault = RuleCheck(rule)?.fault(for: name.plainName, of: type) else { continue }
        complain(fault, Syntax(rule))
        return nil
      }
      return GeneratedProperty(
        name: name.text, key: name.plainName, type: type, guide: guide)
    }

    /// Whether it tells values apart, instead of being written by the model.
    var isIdentity: Bool {
      ["GenerationID", "ApusKit.GenerationID"].contains(type.trimmedDescription)
    }
    /// Whether it may be missing.
    var isOptional: Bool { type.is(OptionalTypeSyntax.self) }
    /// Source that names its type.
    var metatype: String { "\(type.trimmedDescription).self" }
    /// Source that takes the identity of content.
    var identityAssignment: String {
      "self.\(name) = content.id ?? ApusKit.GenerationID()"
    }
    /// Source of the property of a schema.
    var schemaSource: String { type.schemaSource(key, guide) }
  }

  extension TypeSyntax {
    /// Source of a property of a schema.
    func schemaSource(_ key: String, _ guide: GuideArguments? = nil) -> String {
      let described = guide?.description.map { ", description: \($0.trimmedDescription)" } ?? ""
      let rules = guide?.rules.map(\.trimmedDescription).joined(separator: ", ") ?? ""
      let guides = rules.isEmpty ? "" : ", guides: [\(rules)]"
      return
        "ApusKit.GenerationSchema.Property(name: \"\(key)\"\(described), type: \(trimmedDescription).self\(guides))"
    }
  }
#endif
