import Tokenizers

/// Tokens that a sequence has seen, counted so that penalties cost only the distinct ones.
package struct TokenCounts: Sendable, Hashable {
  /// How a token occurred.
  struct Entry: Sendable, Hashable {
    /// Occurrences in the prompt.
    var prompt = 0
    /// Occurrences in the answer.
    var generated = 0
  }

  /// An entry for each distinct token.
  private(set) var entries: [Token: Entry] = [:]

  /// Counts the tokens of a prompt.
  ///
  /// - Parameter reserved: Distinct generated tokens that will be recorded without an allocation.
  package init(prompt: some Sequence<Token> = EmptyCollection(), reserving reserved: Int = 0) {
    for token in prompt {
      entries[token, default: Entry()].prompt += 1
    }
    if reserved > 0 { entries.reserveCapacity(entries.count + reserved) }
  }

  /// Counts a generated token.
  package mutating func record(_ token: Token) {
    entries[token, default: Entry()].generated += 1
  }
}

extension SamplingParameters {
  /// Whether choosing depends on the tokens seen; if not, nobody needs to count them.
  package var needsCounts: Bool {
    repetitionPenalty != 1 || presencePenalty != 0 || frequencyPenalty != 0
  }
}
