import GPTModel
import Synchronization

/// Allows the tokens of some sets in turn, and ends after so many tokens.
struct RotatingConstraint: TokenConstraint {
  /// The tokens allowed first, second and so on, then again from the first.
  let sets: [Set<Token>]
  /// Tokens of the answer; nil for as many as it takes.
  var length: Int?
  /// Tokens after which the answer may end; nil for never.
  var mayEndFrom: Int?
  private let counter = MaskCounter()

  /// The masks that were asked for, of all answers together.
  var masks: Int { counter.count.load(ordering: .relaxed) }

  /// Allows the tokens of sets in turn.
  init(sets: [Set<Token>], length: Int? = nil, mayEndFrom: Int? = nil) {
    self.sets = sets
    self.length = length
    self.mayEndFrom = mayEndFrom
  }

  /// One answer, and no other.
  static func fixed(_ tokens: [Token]) -> Self {
    RotatingConstraint(sets: tokens.map { [$0] }, length: tokens.count)
  }

  func makeState() -> any ConstraintState { State(constraint: self) }

  private struct State: ConstraintState {
    let constraint: RotatingConstraint
    var position = 0
    var isBroken = false

    private var allowed: Set<Token> { constraint.sets[position % constraint.sets.count] }

    var isFinished: Bool { constraint.length.map { position >= $0 } ?? false }

    var mayEnd: Bool { constraint.mayEndFrom.map { position >= $0 } ?? false }

    func mask(into mask: inout TokenMask) {
      constraint.counter.count.wrappingAdd(1, ordering: .relaxed)
      guard !isBroken else { return }
      for token in allowed { mask[token] = true }
    }

    mutating func accept(_ token: Token) {
      if !allowed.contains(token) { isBroken = true }
      position += 1
    }
  }
}

/// Counts on whatever thread.
private final class MaskCounter: Sendable {
  let count = Atomic(0)
}
