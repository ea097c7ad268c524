/// Grammars in the notation of Lark, as llguidance takes it.
///
/// The grammar means what its rules say: where a text can be cut into terminals in several ways, each counts.
/// What `%ignore` names may follow each terminal, and not come first. Attributes are `[lazy]`, `[suffix="…"]`
/// and `[capture]`; templates, priorities and imports other than of `common` are refused.
package enum Lark {
  /// Adds the rules of a grammar to another.
  ///
  /// - Returns: An expansion of `start`.
  /// - Throws: The faults, at most 8, each with a line, or with a JSON pointer into a schema.
  package static func compile(
    _ text: String, into builder: inout GrammarBuilder, context: NotationContext
  ) throws(GrammarErrors) -> Grammar.Expression {
    let source: LarkSource
    let schemaFaults: [GrammarError]
    do throws(GrammarError) {
      var parser = LarkParser(try NotationReader(text), context, builder)
      source = try parser.source()
      builder = parser.builder
      schemaFaults = parser.schemaFaults
    } catch {
      throw GrammarErrors([error])
    }
    if !schemaFaults.isEmpty { throw GrammarErrors(schemaFaults) }
    let checker = RuleChecker(source.rules, start: "start", allowsUnused: false)
    return try NotationCompiler.compile(
      source.rules, start: "start", checker: checker, ignored: source.ignored, into: &builder)
  }
}

/// The rules of a grammar in Lark's notation.
struct LarkSource {
  /// The rules.
  var rules: [NotationRule] = []
  /// What may follow each terminal; nil for nothing.
  var ignored: Regex?
}
