/// Byte-level byte-pair encoding: a word begins as one token per byte.
package struct BytePairEncoding: SubwordModel {
  /// How a word's tokens begin: the token of each byte `[256]`, or nil to leave the byte out.
  private let tokenOfByte: [Token?]
  private let merger: PairMerger

  /// Creates the encoding of a vocabulary.
  package init(_ vocabulary: Vocabulary) {
    let unknown = vocabulary.kinds.firstIndex(of: .unknown)
    var tokenOfByte = [Token?](repeating: unknown.map { Token($0) }, count: 256)
    var lengths = [Int32](repeating: 1, count: vocabulary.count)
    for (token, kind) in vocabulary.kinds.enumerated() where kind == .normal {
      let bytes = vocabulary.texts[token]
      lengths[token] = Int32(bytes.count)
      if bytes.count == 1, let byte = bytes.first { tokenOfByte[Int(byte)] = Token(token) }
    }
    self.tokenOfByte = tokenOfByte
    merger = PairMerger(lengths: lengths, merges: MergeTable(vocabulary.merges))
  }

  package func encode(
    _ word: ArraySlice<UInt8>, into tokens: inout [Token], using workspace: inout SubwordWorkspace
  ) {
    workspace.parts.removeAll(keepingCapacity: true)
    for byte in word {
      if let token = tokenOfByte[Int(byte)] {
        workspace.parts.append(PairMerger.Part(token: token))
      }
    }
    merger.merge(into: &tokens, using: &workspace)
  }
}
