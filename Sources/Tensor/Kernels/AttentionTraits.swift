/// What sets the attention of one layer apart.
public struct AttentionTraits: Sendable {
  /// What scores are multiplied by, usually 1 / sqrt(D).
  public var scale: Float
  /// Positions that a row sees at most, its own the last; nil for all. Where rows see those after them, its
  /// own is in the middle.
  public var window: Int?
  /// The length of chunks of positions, of which a row sees its own alone; a multiple of the positions of a
  /// page; nil for all.
  package var chunk: Int?
  /// Scores s become cap tanh(s / cap); nil for as they are.
  public var softCap: Float?
  /// A logit more for each query head, `[Q]`, whose weight is dropped; nil for none.
  package var sinks: Vector?
  /// What scores fall by for each position that a key is behind, `[Q]`; nil for nothing: Press et al.,
  /// "Train Short, Test Long", 2022.
  package var slopes: Vector?

  /// Whether a row sees no position after its own; otherwise it sees its whole sequence, but for what is
  /// outside the window.
  public var isCausal = true

  /// Names the traits that most models have.
  public init(scale: Float, window: Int? = nil, softCap: Float? = nil) {
    self.scale = scale
    self.window = window
    self.softCap = softCap
  }
}
