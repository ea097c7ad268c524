/// A piece of an answer.
package enum AnswerPiece: Hashable, Sendable {
  /// Of what the model thinks before it answers.
  case thinking(String)
  /// Of the answer's own text.
  case text(String)
}
