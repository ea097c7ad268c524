/// Grammars in the notation of llama.cpp (GBNF), and in XGrammar's, which differs in spellings only.
///
/// Line breaks mean nothing: a rule goes on until the next name before `::=`. A rule that nothing uses
/// is fine, as it is in both. Repetitions may be of any element.
package enum GBNF {
  /// Adds the rules of a grammar to another.
  ///
  /// - Parameter controlToken: The control token that a text such as `<think>` spells, or that a number such
  ///   as `<[151657]>` names; nil where it is none.
  /// - Returns: An expansion of `root`.
  /// - Throws: The faults, at most 8, each with a line.
  package static func compile(
    _ text: String, into builder: inout GrammarBuilder, controlToken: (String) -> Int32?
  ) throws(GrammarErrors) -> Grammar.Expression {
    let rules: [NotationRule]
    do throws(GrammarError) {
      var parser = try GBNFParser(text)
      rules = try parser.rules(controlToken)
    } catch {
      throw GrammarErrors([error])
    }
    let checker = RuleChecker(rules, start: "root", allowsUnused: true)
    return try NotationCompiler.compile(rules, start: "root", checker: checker, into: &builder)
  }
}
