public import GPTModel

/// One kind of work whose speed is measured.
public struct BenchmarkTest: Sendable, Hashable {
  /// What is done.
  public enum Work: Sendable, Hashable {
    /// Tokens of a prompt are read, a step's worth at a time.
    case reading
    /// Tokens are written, each by a step of its own.
    case writing
    /// So many tokens of a prompt are read, then the others written: a whole request.
    case answering(prompt: Int)
    /// Tokens are drawn from logits by these rules; no step is computed.
    case sampling(SamplingParameters)
  }

  /// What is done.
  public var work: Work
  /// Tokens of each sequence that are timed.
  public var tokens: Int
  /// Tokens of each sequence that were read before, untimed.
  public var depth: Int
  /// Sequences side by side; their tokens are counted together.
  public var sequences: Int

  /// Creates a test.
  public init(_ work: Work, tokens: Int, depth: Int = 0, sequences: Int = 1) {
    self.work = work
    self.tokens = tokens
    self.depth = depth
    self.sequences = sequences
  }

  /// Says what is measured: `pp512` reads 512 tokens, `tg64 x8@d24` writes 64 in each of 8 sequences
  /// that had 24, `pp512+tg128` answers a prompt of 512 with 128, `sample k40 p0.95 m0.05` draws with top-k 40, top-p 0.95 and min-p 0.05.
  public var name: String {
    switch work {
    case .reading: "pp\(tokens)\(suffix)"
    case .writing: "tg\(tokens)\(suffix)"
    case .answering(let prompt): "pp\(prompt)+tg\(tokens - prompt)\(suffix)"
    case .sampling(let rules): "sample k\(rules.topK) p\(rules.topP) m\(rules.minP)"
    }
  }

  private var suffix: String {
    (sequences > 1 ? " x\(sequences)" : "") + (depth > 0 ? "@d\(depth)" : "")
  }
}
