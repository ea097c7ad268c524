#if Macros
  import SwiftSyntax
  import SwiftSyntaxMacros

  /// `@Guide`: adds nothing, for `@Generable` reads it; complains where nobody does.
  struct GuideMacro: PeerMacro {
    static func expansion(
      of node: AttributeSyntax, providingPeersOf declaration: some DeclSyntaxProtocol,
      in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
      guard let variable = declaration.as(VariableDeclSyntax.self), variable.isStored else {
        context.complain(
          "@Guide describes a stored property; put it before a 'var' or 'let' of a @Generable structure",
          at: node)
        return []
      }
      guard context.lexicalContext.first?.isGenerable ?? true else {
        context.complain(
          "@Guide is read by @Generable only; put '@Generable' before the structure", at: node)
        return []
      }
      return []
    }
  }

  extension VariableDeclSyntax {
    /// Whether each value of a type has it.
    var isStored: Bool {
      let isShared = modifiers.contains { ["static", "class"].contains($0.name.text) }
      return !isShared && bindings.allSatisfy { $0.accessorBlock?.isComputed != true }
    }
  }

  extension AccessorBlockSyntax {
    /// Whether there is a getter.
    fileprivate var isComputed: Bool {
      switch accessors {
      case .getter: true
      case .accessors(let all):
        all.contains { !["willSet", "didSet"].contains($0.accessorSpecifier.text) }
      }
    }
  }

  extension Syntax {
    /// Whether it is a type with `@Generable`.
    fileprivate var isGenerable: Bool {
      guard let type = asProtocol((any WithAttributesSyntax).self) else { return false }
      return type.attributes.contains { element in
        guard case .attribute(let attribute) = element else { return false }
        return ["Generable", "ApusKit.Generable"]
          .contains(attribute.attributeName.trimmedDescription)
      }
    }
  }
#endif
