/// Finds the control and user-defined tokens of a vocabulary by their text.
package struct SpecialTokens: Sendable {
  /// A special token and where its text stands.
  package struct Occurrence: Sendable, Hashable {
    /// The bytes of its text.
    package let range: Range<Int>
    /// The token.
    package let token: Token
  }

  private let tokens: [Token]
  private let lengths: [Int]
  /// Reads backwards, so that it knows at each position the longest token that begins there.
  private let automaton: PatternAutomaton

  /// Creates the finder of a vocabulary's special tokens.
  package init(_ vocabulary: Vocabulary) {
    tokens = vocabulary.kinds.indices
      .filter { vocabulary.kinds[$0] == .control || vocabulary.kinds[$0] == .userDefined }
      .map { Token($0) }
    let patterns = tokens.map { [UInt8](vocabulary.texts[Int($0)].reversed()) }
    lengths = patterns.map(\.count)
    automaton = PatternAutomaton(patterns)
  }

  /// Returns the special tokens that lie wholly within a range, from left to right, without
  /// overlap; of those that begin at one place, the longest.
  ///
  /// - Complexity: O(*n*)
  package func occurrences(in bytes: [UInt8], _ range: Range<Int>) -> [Occurrence] {
    var candidates: [Occurrence] = []
    var state: PatternAutomaton.State = 0
    for position in range.reversed() {
      state = automaton.next(after: state, bytes[position])
      guard let match = automaton.match(at: state) else { continue }
      let end = position + lengths[match]
      candidates.append(Occurrence(range: position..<end, token: tokens[match]))
    }
    var end = range.lowerBound
    return candidates.reversed().filter { candidate in
      guard candidate.range.lowerBound >= end else { return false }
      end = candidate.range.upperBound
      return true
    }
  }
}
