extension LanguageModelSession {
  /// What was processed.
  public struct Usage: Sendable {
    /// Tokens that were read.
    public struct Input: Sendable, Hashable {
      /// All of them.
      public var totalTokenCount: Int
      /// Those that did not have to be computed again.
      public var cachedTokenCount: Int

      /// Counts tokens.
      public init(totalTokenCount: Int = 0, cachedTokenCount: Int = 0) {
        (self.totalTokenCount, self.cachedTokenCount) = (totalTokenCount, cachedTokenCount)
      }
    }

    /// Tokens that were written.
    public struct Output: Sendable, Hashable {
      /// All of them.
      public var totalTokenCount: Int
      /// Those that the model thought.
      public var reasoningTokenCount: Int

      /// Counts tokens.
      public init(totalTokenCount: Int = 0, reasoningTokenCount: Int = 0) {
        (self.totalTokenCount, self.reasoningTokenCount) = (totalTokenCount, reasoningTokenCount)
      }
    }

    /// What was read.
    public var input: Input
    /// What was written.
    public var output: Output
    /// What the model has to say besides; the key `apus.report` has the `GenerationReport`.
    public var metadata: [String: any Sendable]

    /// Counts tokens.
    public init(
      input: Input = Input(), output: Output = Output(), metadata: [String: any Sendable] = [:]
    ) {
      (self.input, self.output, self.metadata) = (input, output, metadata)
    }

    /// All tokens, read and written.
    public var totalTokenCount: Int { input.totalTokenCount + output.totalTokenCount }

    /// Adds another request's.
    mutating func add(_ other: Usage) {
      input.totalTokenCount += other.input.totalTokenCount
      input.cachedTokenCount += other.input.cachedTokenCount
      output.totalTokenCount += other.output.totalTokenCount
      output.reasoningTokenCount += other.output.reasoningTokenCount
      metadata.merge(other.metadata) { $1 }
    }
  }
}
