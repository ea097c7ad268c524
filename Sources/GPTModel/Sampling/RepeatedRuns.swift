import Tokenizers

/// The runs of tokens at the end of a sequence that it had before, kept up to date token by token.
package struct RepeatedRuns: Sendable {
  private let parameters: RunPenaltyParameters
  private let isBreaker: @Sendable (Token) -> Bool
  private var history: [Token] = []
  /// For each position but the last, how many tokens up to it are the last ones of the history.
  private var lengths: [UInt16] = []

  /// Longer runs count as so long; their penalty is beyond any logit.
  private static let longest = 256

  /// Begins with the tokens of a prompt.
  ///
  /// - Parameter isBreaker: Whether no run reaches beyond a token.
  /// - Complexity: O(n) for n tokens, times at most the length of the longest run.
  package init(
    prompt: some Sequence<Token>, parameters: RunPenaltyParameters,
    isBreaker: @escaping @Sendable (Token) -> Bool
  ) {
    self.parameters = parameters
    self.isBreaker = isBreaker
    history = Array(prompt)
    let own = history.reversed().prefix(Self.longest).prefix { !isBreaker($0) }
    let ending = Array(own)
    lengths = history.indices.map { end in
      guard end < history.count - 1 else { return 0 }
      var length = 0
      while length < ending.count, length <= end, history[end - length] == ending[length] {
        length += 1
      }
      return UInt16(length)
    }
  }

  /// Takes the next token of the sequence.
  ///
  /// - Complexity: O(n) for n tokens.
  package mutating func record(_ token: Token) {
    let breaks = isBreaker(token)
    var index = history.count - 1
    // From the end, because each length is made of the one before it.
    while index >= 0 {
      let before = index > 0 ? Int(lengths[index - 1]) : 0
      let isEqual = history[index] == token && !breaks
      lengths[index] = isEqual ? UInt16(min(before + 1, Self.longest)) : 0
      index -= 1
    }
    history.append(token)
    lengths.append(0)
  }

  /// The length of the longest run that each token would continue, of those that have a penalty.
  package func continuations() -> [Token: Int] {
    var longest: [Token: Int] = [:]
    let start = max(0, history.count - (parameters.window ?? history.count))
    var index = start
    while index + 1 < history.count {
      let length = min(Int(lengths[index]), index - start + 1)
      if length >= max(1, parameters.allowedLength) {
        longest[history[index + 1], default: 0] = max(
          longest[history[index + 1], default: 0], length)
      }
      index += 1
    }
    return longest
  }
}

extension RepeatedRuns {
  /// Begins with the tokens of a prompt; nil where repeated runs have no penalty.
  init?(_ sampling: SamplingParameters, prompt: some Sequence<Token>, _ tokenizer: Tokenizer) {
    guard sampling.runPenalty.isOn else { return nil }
    let breakers = sampling.runPenalty.breakers.map { Array($0.utf8) }
    self.init(prompt: prompt, parameters: sampling.runPenalty) { token in
      let bytes = tokenizer.bytes(of: token)
      return breakers.contains { bytes.contains($0) }
    }
  }
}
