#if Macros
  import SwiftCompilerPlugin
  import SwiftSyntaxMacros

  /// The macros of `ApusKit`, as the compiler asks for them.
  @main struct Plugin: CompilerPlugin {
    let providingMacros: [any Macro.Type] = [GenerableMacro.self, GuideMacro.self]
  }
#else
  /// Stands in where the trait `Macros` is off: then there is nothing to expand, and swift-syntax is not there.
  @main enum Plugin {
    static func main() {}
  }
#endif
