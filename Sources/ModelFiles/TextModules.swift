/// What files say is made of the states of a text: the modules that sentence-transformers keeps beside a
/// model, or what GGUF files have of them.
package struct TextModules: Sendable, Hashable {
  /// How the states of a text become one.
  package enum Pooling: Sendable, Hashable {
    /// Their mean.
    case mean
    /// The state of the first position, which is the classification token's.
    case first
    /// The state of the last position.
    case last
    /// The same as the architecture has it, for a classifier.
    case rank
  }

  /// A linear layer on the pooled state.
  package struct Dense: Sendable, Hashable {
    /// The canonical name of its tensors, before what they are.
    package var name: String
    /// The elements that it reads.
    package var inputs: Int
    /// The elements that it gives.
    package var outputs: Int
    /// Whether something is added to them.
    package var hasBias: Bool
    /// Whether the hyperbolic tangent follows.
    package var hasTanh = false
  }

  /// Whether files say anything, which they do of models that are made for texts as a whole.
  package var areStated = false
  /// How states become one; nil where files do not say.
  package var pooling: Pooling?
  /// The linear layers on what that gives, in order.
  package var dense: [Dense] = []
  /// Whether vectors are made of length one.
  package var normalizes = true
  /// Tokens that a text may have; nil for as many as the model has positions.
  package var maximumLength: Int?
  /// What may be put in front of texts, by name.
  package var prompts: [String: String] = [:]
  /// The name of that which is put in front where no name is given.
  package var defaultPrompt: String?
  /// Whether what a classifier gives is the score as it is.
  package var keepsLogits = false

  /// Creates modules of which nothing is said.
  package init() {}
}
