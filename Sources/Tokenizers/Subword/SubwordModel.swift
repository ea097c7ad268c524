/// How the tokens of a word are found.
///
/// A model sees words of ordinary text only: special tokens, provenance, the ends of a prompt and
/// the cutting into words are the tokenizer's.
package protocol SubwordModel: Sendable {
  /// Appends the tokens of a word.
  ///
  /// - Parameter word: The word's UTF-8.
  /// - Complexity: O(*n* log *n*)
  func encode(
    _ word: ArraySlice<UInt8>, into tokens: inout [Token], using workspace: inout SubwordWorkspace)
}

/// Memory for encoding that is kept from word to word.
package struct SubwordWorkspace {
  /// The tokens of a word that is being merged.
  var parts: [PairMerger.Part] = []
  /// The best way to reach each byte of a word.
  var path: [PathNode] = []
  /// What merges long words.
  var queue: MergeQueue?
  /// The tokens up to which words are merged by scanning.
  package var longestScannedWord = PairMerger.longestScannedWord
  /// Units of work so far: neighbours looked at, and steps of the queue.
  package internal(set) var steps = 0

  /// Creates an empty workspace.
  package init() {}
}
