/// Byte-pair encoding on characters, as SentencePiece does it: a word begins as one token per
/// character, and a character that no piece stands for becomes the tokens of its bytes.
package struct SentencePieceEncoding: SubwordModel {
  private let tokens: CharacterTokens
  private let merger: PairMerger
  /// What the numbers beyond the vocabulary become: characters that only longer pieces contain.
  private let fallbacks: [[Token]]
  private let count: Int

  /// Creates the encoding of a vocabulary of characters.
  package init(_ vocabulary: Vocabulary) {
    var tokens = CharacterTokens(vocabulary)
    let count = vocabulary.count
    fallbacks = vocabulary.lettersOfPieces.enumerated().map { index, character in
      defer { tokens.add(character[...], Token(count + index)) }
      return tokens.fallback(for: character[...])
    }
    var lengths = [Int32](repeating: 1, count: count + fallbacks.count)
    for (token, kind) in vocabulary.kinds.enumerated() where kind == .normal {
      let characters = vocabulary.texts[token].count { !UTF8.isContinuation($0) }
      lengths[token] = Int32(max(1, characters))
    }
    self.count = count
    self.tokens = tokens
    merger = PairMerger(lengths: lengths, merges: MergeTable(vocabulary.merges))
  }

  package func encode(
    _ word: ArraySlice<UInt8>, into tokens: inout [Token], using workspace: inout SubwordWorkspace
  ) {
    workspace.parts.removeAll(keepingCapacity: true)
    self.tokens.append(word, to: &workspace.parts)
    let start = tokens.count
    merger.merge(into: &tokens, using: &workspace)
    if self.tokens.fusesUnknown || !fallbacks.isEmpty { finish(&tokens, from: start) }
  }

  /// Replaces what is not in the vocabulary, and makes one unknown token of several in a row.
  private func finish(_ tokens: inout [Token], from start: Int) {
    guard
      tokens[start...].contains(where: { $0 >= count || $0 == self.tokens.unknown })
    else { return }
    let merged = tokens[start...]
    tokens.removeSubrange(start...)
    for token in merged {
      for token in token >= count ? fallbacks[Int(token) - count] : [token] {
        let repeats =
          token == self.tokens.unknown && self.tokens.fusesUnknown && tokens.count > start
          && tokens.last == token
        if !repeats { tokens.append(token) }
      }
    }
  }
}

/// The tokens of single characters, and of the bytes of those that have none.
private struct CharacterTokens: Sendable {
  private var ofASCII = [Token?](repeating: nil, count: 128)
  private var ofOthers: [UInt32: Token] = [:]
  private var ofByte = [Token?](repeating: nil, count: 256)
  let unknown: Token?
  let fusesUnknown: Bool

  init(_ vocabulary: Vocabulary) {
    unknown = vocabulary.kinds.firstIndex(of: .unknown).map { Token($0) }
    fusesUnknown = vocabulary.fusesUnknown
    for (token, kind) in vocabulary.kinds.enumerated() {
      let text = vocabulary.texts[token]
      if kind == .byte, let byte = text.first { ofByte[Int(byte)] = Token(token) }
      if kind == .normal { add(text, Token(token)) }
    }
  }

  /// Adds the token of a text, if that is a single character.
  mutating func add(_ text: ArraySlice<UInt8>, _ token: Token) {
    guard let first = text.first, text.count == UTF8.length(first) else { return }
    if first < 0x80 { ofASCII[Int(first)] = token } else { ofOthers[Self.key(text)] = token }
  }

  /// The tokens of a character that has none of its own: its bytes, else the unknown token.
  func fallback(for character: ArraySlice<UInt8>) -> [Token] {
    let bytes = character.compactMap { ofByte[Int($0)] }
    if bytes.count == character.count { return bytes }
    return unknown.map { [$0] } ?? bytes
  }

  /// Appends the tokens of a word's characters.
  func append(_ word: ArraySlice<UInt8>, to parts: inout [PairMerger.Part]) {
    var position = word.startIndex
    while position < word.endIndex {
      let end = min(word.endIndex, position + UTF8.length(word[position]))
      let character = word[position..<end]
      let first = word[position]
      if let token = first < 0x80 ? ofASCII[Int(first)] : ofOthers[Self.key(character)] {
        parts.append(PairMerger.Part(token: token))
      } else {
        parts += fallback(for: character).map { PairMerger.Part(token: $0) }
      }
      position = end
    }
  }

  private static func key(_ character: ArraySlice<UInt8>) -> UInt32 {
    character.reduce(0) { $0 << 8 | UInt32($1) }
  }
}
