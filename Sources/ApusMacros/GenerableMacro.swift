#if Macros
  import SwiftSyntax
  import SwiftSyntaxBuilder
  import SwiftSyntaxMacros

  /// `@Generable`: writes what a hand would write to have a type's values generated.
  struct GenerableMacro: MemberMacro, ExtensionMacro {
    static func expansion(
      of node: AttributeSyntax, providingMembersOf declaration: some DeclGroupSyntax,
      conformingTo protocols: [TypeSyntax], in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
      guard let options = GenerableOptions(node, complain: context.complain) else { return [] }
      guard let type = GeneratedType(declaration, at: node, complain: context.complain) else {
        return []
      }
      return type.members(options).map { DeclSyntax(stringLiteral: $0) }
    }

    static func expansion(
      of node: AttributeSyntax, attachedTo declaration: some DeclGroupSyntax,
      providingExtensionsOf type: some TypeSyntaxProtocol, conformingTo protocols: [TypeSyntax],
      in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
      // What is wrong was said when the members were asked for.
      func silent(_ message: String, _ node: Syntax) {}
      guard let options = GenerableOptions(node, complain: silent),
        let generated = GeneratedType(declaration, at: node, complain: silent)
      else { return [] }
      let conformance = protocols.isEmpty ? "" : ": ApusKit.Generable"
      let source: DeclSyntax = """
        nonisolated extension \(type.trimmed)\(raw: conformance) {
        \(raw: generated.conversions(options).joined(separator: "\n\n"))
        }
        """
      return source.as(ExtensionDeclSyntax.self).map { [$0] } ?? []
    }
  }

  /// Says what is wrong with a piece of source.
  typealias Complain = (_ message: String, _ node: Syntax) -> Void

  extension MacroExpansionContext {
    /// Complains about a piece of source.
    fileprivate func complain(_ message: String, _ node: Syntax) { complain(message, at: node) }
  }

  /// The arguments of `@Generable`.
  struct GenerableOptions {
    /// The schema's name, in place of the type's.
    private(set) var name: ExprSyntax?
    /// The sentence for the model.
    private(set) var description: ExprSyntax?
    /// Whether a value that is nil is written as `null`, instead of left out.
    private(set) var writesNil = false

    /// Reads the arguments of an attribute; nil where something is wrong with them.
    init?(_ attribute: AttributeSyntax, complain: Complain) {
      guard case .argumentList(let arguments)? = attribute.arguments else { return }
      for argument in arguments {
        switch argument.label?.text {
        case "name": name = argument.expression.trimmed
        case "description": description = argument.expression.trimmed
        default:
          guard let flag = argument.expression.as(BooleanLiteralExprSyntax.self) else {
            complain(
              "a macro does not know the value of an expression; write 'true' or 'false'",
              Syntax(argument.expression))
            return nil
          }
          writesNil = flag.literal.text == "true"
        }
      }
    }

    /// Source that makes a schema of a type.
    ///
    /// - Parameter form: The last argument.
    func schema(_ form: String, _ access: String) -> String {
      let described = description.map { ", description: \($0)" } ?? ""
      let named = name.map { ".named(\($0))" } ?? ""
      return """
        \(access)nonisolated static var generationSchema: ApusKit.GenerationSchema {
          ApusKit.GenerationSchema(type: Self.self\(described), \(form))\(named)
        }
        """
    }
  }

  /// A type that the macro can write for.
  enum GeneratedType {
    case structure(GeneratedStructure)
    case enumeration(GeneratedEnumeration)

    /// Reads a type; nil where something is wrong with it.
    init?(_ declaration: some DeclGroupSyntax, at node: AttributeSyntax, complain: Complain) {
      if let structure = declaration.as(StructDeclSyntax.self) {
        guard let read = GeneratedStructure(structure, complain: complain) else { return nil }
        self = .structure(read)
      } else if let enumeration = declaration.as(EnumDeclSyntax.self) {
        guard let read = GeneratedEnumeration(enumeration, complain: complain) else { return nil }
        self = .enumeration(read)
      } else {
        complain(
          "@Generable is for structures and enumerations; write 'struct', or conform to 'Generable' by hand",
          Syntax(node))
        return nil
      }
    }

    /// The members that are added.
    func members(_ options: GenerableOptions) -> [String] {
      switch self {
      case .structure(let type): type.members(options)
      case .enumeration(let type): type.members(options)
      }
    }

    /// The members of the extension that is added.
    func conversions(_ options: GenerableOptions) -> [String] {
      switch self {
      case .structure(let type): type.conversions(options)
      case .enumeration(let type): type.conversions
      }
    }
  }

  extension DeclModifierListSyntax {
    /// The modifier that makes members as visible as their type, and a space; empty for none.
    var access: String {
      first { ["public", "package"].contains($0.name.text) }.map { "\($0.name.text) " } ?? ""
    }
  }

  extension MemberBlockSyntax {
    /// Complains about members that a macro does not see through.
    func hasConditions(complain: Complain) -> Bool {
      for member in members where member.decl.is(IfConfigDeclSyntax.self) {
        complain(
          "@Generable does not see what is behind '#if'; put the condition around the whole type",
          Syntax(member.decl))
        return true
      }
      return false
    }
  }

  extension TypeSyntax {
    /// The type of a value while it is written, without the question mark of a missing one.
    var partial: String {
      if let optional = self.as(OptionalTypeSyntax.self) { return optional.wrappedType.partial }
      if let array = self.as(ArrayTypeSyntax.self) { return "[\(array.element.partial)]" }
      return "\(trimmedDescription).PartiallyGenerated"
    }

    /// What no model can write, and what to use instead; nil for nothing.
    func fault(of property: String) -> String? {
      if self.is(DictionaryTypeSyntax.self) {
        return
          "'\(property)' is a dictionary, whose keys a model cannot be told; use a structure, or a list of structures with a key and a value"
      }
      if self.is(TupleTypeSyntax.self) {
        return "'\(property)' is a tuple, which is not Generable; use a @Generable structure"
      }
      if self.is(FunctionTypeSyntax.self) || self.is(SomeOrAnyTypeSyntax.self) {
        return
          "'\(property)' is of type '\(trimmedDescription)', which is not Generable; use a type whose values can be written"
      }
      if let optional = self.as(OptionalTypeSyntax.self) {
        return optional.wrappedType.fault(of: property)
      }
      if let array = self.as(ArrayTypeSyntax.self) { return array.element.fault(of: property) }
      return nil
    }
  }
#endif
