package import JSON

/// What notations ask of those around them.
package struct NotationContext {
  /// The control token that a text such as `<think>` spells, or that a number such as `<[151657]>` names;
  /// nil where it is none.
  package var controlToken: (String) -> Int32?
  /// Adds one JSON text of a schema to a grammar.
  package var schema: (JSONValue, inout GrammarBuilder) throws(GrammarErrors) -> Grammar.Expression

  /// Creates it.
  package init(
    controlToken: @escaping (String) -> Int32?,
    schema:
      @escaping (JSONValue, inout GrammarBuilder) throws(GrammarErrors) -> Grammar.Expression
  ) {
    self.controlToken = controlToken
    self.schema = schema
  }
}
