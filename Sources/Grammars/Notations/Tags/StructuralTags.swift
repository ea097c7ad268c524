package import JSON

/// Structural tags: text with parts that must have a form, as XGrammar writes them in JSON.
///
/// Taken are `{"type": "structural_tag", "format": …}` and the older `{"structures": …, "triggers": …}`.
package enum StructuralTags {
  /// Adds the rules of a structural tag to a grammar.
  ///
  /// - Returns: An answer.
  /// - Throws: The faults, at most 8, each with a JSON pointer.
  package static func compile(
    _ value: JSONValue, into builder: inout GrammarBuilder, context: NotationContext
  ) throws(GrammarErrors) -> Grammar.Expression {
    var compiler = TagCompiler(context, builder)
    guard case .object(let members) = value else {
      throw GrammarErrors([GrammarError(.invalid, at: .pointer(""), "is no object")])
    }
    let result: Grammar.Expression
    if let format = members["format"] {
      result = try compiler.compile(format, at: "/format", depth: 0)
    } else {
      result = try compiler.triggered(
        members, names: ("structures", "schema"), at: "", depth: 0)
    }
    builder = compiler.builder
    return result
  }

  /// Any text that holds none of the marks; it ends where a mark begins.
  package static func text(without marks: [String]) -> Regex {
    let held = marks.filter { !$0.isEmpty }.map { mark in
      Regex.sequence([.everything, Regex(mark), .everything])
    }
    return held.isEmpty ? .anyText : .intersection([.anyText, .complement(.any(held))])
  }
}
