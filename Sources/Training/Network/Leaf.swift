/// The tokens of which one thread computes the gradient: rows of packed documents, one after the other.
package struct Leaf: Sendable, Hashable {
  /// Tokens, [N].
  package let tokens: [UInt32]
  /// The token that follows each, or -1 for none that counts, [N].
  package let targets: [Int32]
  /// The first token that each sees, [N].
  package let first: [UInt32]
  /// The position of each in its document, [N].
  package let positions: [UInt32]
  /// The factor on the loss of each target, [N]; nil for 1.
  package let weights: [Float]?

  /// Targets that count.
  package var kept: Int { targets.reduce(0) { $0 + ($1 >= 0 ? 1 : 0) } }

  /// Takes documents that follow each other.
  ///
  /// - Parameters:
  ///   - tokens: All tokens, [N].
  ///   - targets: The token that follows each, or -1, [N].
  ///   - documentLengths: Tokens of each document, of which there are N in all.
  ///   - weights: The factor on the loss of each target, [N]; nil for 1.
  package init(
    tokens: [UInt32], targets: [Int32], documentLengths: [Int], weights: [Float]? = nil
  ) throws(TrainingError) {
    guard tokens.count == targets.count, weights.map({ $0.count == tokens.count }) ?? true else {
      throw TrainingError(
        .data, field: "targets", "\(targets.count) for \(tokens.count) tokens")
    }
    var first: [UInt32] = []
    var positions: [UInt32] = []
    for length in documentLengths {
      guard length > 0, length <= tokens.count - first.count else {
        throw TrainingError(
          .data, field: "documents", "one of \(length) tokens in \(tokens.count)")
      }
      positions += (0..<UInt32(length))
      first += [UInt32](repeating: UInt32(first.count), count: length)
    }
    guard first.count == tokens.count, !tokens.isEmpty else {
      throw TrainingError(
        .data, field: "documents", "\(first.count) tokens of \(tokens.count) are in some")
    }
    self.tokens = tokens
    self.targets = targets
    self.first = first
    self.positions = positions
    self.weights = weights
  }

  /// Throws where a token or a position is beyond the network.
  package func check(for shape: ModelShape) throws(TrainingError) {
    let greatest = max(Int(tokens.max() ?? 0), Int(targets.max() ?? 0))
    guard greatest < shape.vocabulary else {
      throw TrainingError(
        .data, field: "tokens", "\(greatest) in a vocabulary of \(shape.vocabulary)")
    }
    let longest = Int(positions.max() ?? 0) + 1
    guard longest <= shape.context else {
      throw TrainingError(
        .data, field: "documents", "one of \(longest) tokens in a context of \(shape.context)")
    }
  }
}
