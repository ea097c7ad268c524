#if Macros
  import SwiftSyntax

  /// An enumeration, by its cases.
  struct GeneratedEnumeration {
    /// A case.
    private struct Case {
      /// The name as it is written in source.
      let name: String
      /// Source of the text in content: its name, or the raw value of an enumeration of texts.
      let literal: String
      let values: [Value]
    }

    /// A value that a case carries.
    private struct Value {
      /// The label; nil for none.
      let label: String?
      /// The name in content.
      let key: String
      let type: TypeSyntax
    }

    private let access: String
    private let indirect: String
    private let cases: [Case]

    /// Reads an enumeration; nil where something is wrong with it.
    init?(_ declaration: EnumDeclSyntax, complain: Complain) {
      access = declaration.modifiers.access
      let elements = declaration.memberBlock.members.compactMap {
        $0.decl.as(EnumCaseDeclSyntax.self)
      }
      let isIndirect =
        declaration.modifiers.contains { $0.name.text == "indirect" }
        || elements.contains { $0.modifiers.contains { $0.name.text == "indirect" } }
      indirect = isIndirect ? "indirect " : ""
      if declaration.memberBlock.hasConditions(complain: complain) { return nil }
      let first = declaration.inheritanceClause?.inheritedTypes.first?.type.trimmedDescription
      var (cases, isSound): ([Case], Bool) = ([], true)
      for element in elements.flatMap(\.elements) {
        guard let read = Self.read(element, isText: first == "String", complain) else {
          isSound = false
          continue
        }
        cases.append(read)
      }
      guard isSound else { return nil }
      guard !cases.isEmpty else {
        complain(
          "an enumeration without cases has no values to generate; give it a case",
          Syntax(declaration.name))
        return nil
      }
      self.cases = cases
    }

    private static func read(
      _ element: EnumCaseElementSyntax, isText: Bool, _ complain: Complain
    ) -> Case? {
      let name = element.name.plainName
      var values: [Value] = []
      for (index, parameter) in (element.parameterClause?.parameters ?? []).enumerated() {
        let label = parameter.firstName.map(\.plainName).flatMap { $0 == "_" ? nil : $0 }
        let key = label ?? "_\(index)"
        if let fault = parameter.type.fault(of: "\(name).\(key)") {
          complain(fault, Syntax(parameter.type))
          return nil
        }
        values.append(Value(label: label, key: key, type: parameter.type))
      }
      let rawValue = isText ? element.rawValue?.value.trimmedDescription : nil
      return Case(
        name: element.name.text, literal: rawValue ?? "\"\(name)\"", values: values)
    }

    private var isPlain: Bool { cases.allSatisfy(\.values.isEmpty) }

    /// The schema, and where cases carry values the type of values that are being written.
    func members(_ options: GenerableOptions) -> [String] {
      guard isPlain else {
        let list = cases.map { item in
          let values = item.values.map { $0.type.schemaSource($0.key) }.joined(separator: ", ")
          return "ApusKit.GenerationSchema.Case(name: \(item.literal), values: [\(values)])"
        }
        return [options.schema("cases: [\(list.joined(separator: ", "))]", access), partial]
      }
      let list = cases.map(\.literal).joined(separator: ", ")
      return [options.schema("anyOf: [\(list)]", access)]
    }

    private var partial: String {
      let declarations = cases.map { item in
        let values = item.values.map { value in
          (value.label.map { "\($0): " } ?? "") + "\(value.type.partial)?"
        }
        return "case \(item.name)"
          + (values.isEmpty ? "" : "(\(values.joined(separator: ", ")))")
      }
      return """
        \(access)\(indirect)nonisolated enum PartiallyGenerated: ApusKit.ConvertibleFromGeneratedContent {
        \(declarations.joined(separator: "\n"))

        \(initializer(reading: "partialValue"))
        }
        """
    }

    /// How values are made of content, and the other way.
    var conversions: [String] {
      guard isPlain else { return [initializer(reading: "value"), content] }
      let readings = cases.map { "case \($0.literal): self = .\($0.name)" }
      let writings = cases.map {
        "case .\($0.name): ApusKit.GeneratedContent(\($0.literal))"
      }
      return [
        """
        \(access)nonisolated init(_ content: ApusKit.GeneratedContent) throws {
        switch try content.value(String.self) {
        \(readings.joined(separator: "\n"))
        default: throw ApusKit.ContentError(notACaseOf: Self.self, content)
        }
        }
        """,
        """
        \(access)nonisolated var generatedContent: ApusKit.GeneratedContent {
        switch self {
        \(writings.joined(separator: "\n"))
        }
        }
        """,
      ]
    }

    /// Source that makes a value of content whose only name is that of a case.
    private func initializer(reading function: String) -> String {
      let readings = cases.map { item in
        let values = item.values.map { value in
          (value.label.map { "\($0): " } ?? "")
            + "try values.\(function)(\(value.type.trimmedDescription).self, forProperty: \"\(value.key)\")"
        }
        let payload = values.isEmpty ? "" : "(\(values.joined(separator: ", ")))"
        return "case \(item.literal): self = .\(item.name)\(payload)"
      }
      return """
        \(access)nonisolated init(_ content: ApusKit.GeneratedContent) throws {
        let (name, values) = try content.enumerationCase()
        switch name {
        \(readings.joined(separator: "\n"))
        default: throw ApusKit.ContentError(notACaseOf: Self.self, content)
        }
        }
        """
    }

    private var content: String {
      let writings = cases.map { item in
        let names = item.values.indices.map { "value\($0)" }
        let pattern = names.isEmpty ? "" : "(\(names.map { "let \($0)" }.joined(separator: ", ")))"
        let values = zip(item.values, names).map { "(\"\($0.key)\", \($1))" }
        return
          "case .\(item.name)\(pattern): ApusKit.GeneratedContent(enumerationCase: \(item.literal), values: [\(values.joined(separator: ", "))])"
      }
      return """
        \(access)nonisolated var generatedContent: ApusKit.GeneratedContent {
        switch self {
        \(writings.joined(separator: "\n"))
        }
        }
        """
    }
  }
#endif
