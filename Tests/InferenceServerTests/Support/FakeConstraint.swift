import GPTModel

/// A form of answers that is only told, and not enforced.
struct FakeConstraint: TokenConstraint, Hashable {
  let source: ConstraintSource
  let options: ConstraintOptions
  let text: String

  func makeState() -> any ConstraintState { State() }

  private struct State: ConstraintState {
    var isFinished: Bool { false }
    mutating func mask(into mask: inout TokenMask) { mask.insertAll() }
    mutating func accept(_ token: Token) {}
  }
}
