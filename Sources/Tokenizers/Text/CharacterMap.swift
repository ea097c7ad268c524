/// The map of characters that SentencePiece compiles its normalization rules to: a double array trie
/// of strings (Aoe, 1989; in the layout of Darts-clone) and the strings that take their places.
///
/// A unit of the trie is a number of 32 bits: the label in bits 0–7 and 31, whether a string ends
/// here in bit 8, and the distance to the units of what follows in bits 10–30, times 256 where bit 9
/// is set. Where a string ends, the unit at that distance holds the place of the replacement.
package struct CharacterMap: Sendable, Hashable {
  private static let longestKey = 256
  private static let maximumByteCount = 1 << 24

  private let units: [UInt32]
  /// What takes the place of strings, each ended by a zero.
  private let replacements: [UInt8]

  /// Reads a map and walks all of it, so that no look-up can leave it.
  ///
  /// - Throws: An error where the sizes do not agree, a unit leads out of the trie or in a circle, or
  ///   a replacement is no UTF-8.
  package init(_ bytes: [UInt8]) throws(VocabularyError) {
    guard bytes.count <= Self.maximumByteCount else {
      throw Self.fault(.limit, "\(bytes.count) bytes; at most \(Self.maximumByteCount)")
    }
    guard bytes.count >= 4 else { throw Self.fault(.invalid, "\(bytes.count) bytes; at least 4") }
    let size = Int(Self.number(bytes[0..<4]))
    guard size >= 4, size % 4 == 0, size <= bytes.count - 4 else {
      throw Self.fault(.invalid, "a trie of \(size) bytes in a map of \(bytes.count)")
    }
    units = stride(from: 4, to: 4 + size, by: 4).map { Self.number(bytes[$0..<($0 + 4)]) }
    replacements = Array(bytes[(4 + size)...])
    guard replacements.last ?? 0 == 0,
      String(validating: replacements, as: UTF8.self) != nil
    else { throw Self.fault(.invalid, "a replacement is not ended, or no UTF-8") }
    try check()
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func fault(_ kind: VocabularyError.Kind, _ detail: String) -> VocabularyError {
    VocabularyError(kind, field: .normalizer, "map of characters: \(detail)")
  }

  /// Visits every unit that a string leads to, once: strings with the same end share its units.
  private func check() throws(VocabularyError) {
    /// The bytes at most that follow a unit; -1 while that is being found out.
    var heights: [Int: Int] = [0: -1]
    var path = [(unit: 0, label: 0, height: 0)]
    try checkReplacement(of: 0)
    while let (unit, label, height) = path.last {
      let base = unit ^ Self.offset(units[unit])
      guard label < 255 else {
        heights[unit] = height
        path.removeLast()
        if let last = path.indices.last {
          path[last].height = max(path[last].height, height + 1)
        }
        continue
      }
      path[path.count - 1].label += 1
      guard let child = child(of: base, UInt8(label + 1)) else { continue }
      if let known = heights[child] {
        guard known >= 0 else { throw Self.fault(.invalid, "its trie has a circle") }
        path[path.count - 1].height = max(path[path.count - 1].height, known + 1)
      } else {
        try checkReplacement(of: child)
        heights[child] = -1
        path.append((child, 0, 0))
      }
      guard path.count + path[path.count - 1].height <= Self.longestKey else {
        throw Self.fault(.limit, "strings of more than \(Self.longestKey) bytes")
      }
    }
  }

  private func checkReplacement(of unit: Int) throws(VocabularyError) {
    guard Self.endsKey(units[unit]) else { return }
    let base = unit ^ Self.offset(units[unit])
    guard units.indices.contains(base) else {
      throw Self.fault(.invalid, "unit \(unit) leads to \(base) of \(units.count)")
    }
    let start = Int(units[base] & 0x7FFF_FFFF)
    guard start < replacements.count, start == 0 || replacements[start - 1] == 0 else {
      throw Self.fault(.invalid, "a replacement at \(start) of \(replacements.count) bytes")
    }
  }

  private static func offset(_ unit: UInt32) -> Int { Int((unit >> 10) << ((unit & 0x200) >> 6)) }

  private static func endsKey(_ unit: UInt32) -> Bool { unit & 0x100 != 0 }

  private func child(of base: Int, _ label: UInt8) -> Int? {
    let child = base ^ Int(label)
    guard child < units.count, units[child] & 0x8000_00FF == UInt32(label) else { return nil }
    return child
  }

  /// Returns the longest string of the map that begins at a position, or the shortest, and what
  /// takes its place.
  private func match(
    in bytes: [UInt8], _ range: Range<Int>, shortest: Bool = false
  ) -> (end: Int, replacement: ArraySlice<UInt8>)? {
    var base = Self.offset(units[0])
    var found: (end: Int, base: Int)?
    var position = range.lowerBound
    while position < range.upperBound, bytes[position] != 0,
      let unit = child(of: base, bytes[position])
    {
      base = unit ^ Self.offset(units[unit])
      position += 1
      guard Self.endsKey(units[unit]) else { continue }
      found = (position, base)
      if shortest { break }
    }
    guard let found else { return nil }
    let rest = replacements[Int(units[found.base] & 0x7FFF_FFFF)...]
    return (found.end, rest.prefix { $0 != 0 })
  }

  /// Returns what part of a text becomes, or nil where it stays as it is: the longest match goes
  /// first, as in SentencePiece.
  ///
  /// - Complexity: O(*n*) times the length of the longest key.
  func apply(to text: SourcedText, _ range: Range<Int>) -> SourcedText? {
    var edits = TextEdits(text, range)
    var position = range.lowerBound
    while position < range.upperBound {
      if let match = match(in: text.bytes, position..<range.upperBound) {
        edits.replace(position..<match.end, with: match.replacement)
        position = match.end
      } else {
        position = min(range.upperBound, position + UTF8.length(text.bytes[position]))
      }
    }
    return edits.finish()
  }

  /// Returns what part of a text becomes, or nil where it stays as it is, as the reference for
  /// `tokenizer.json` does it: the shortest match takes the place of a whole grapheme cluster of up
  /// to five bytes, else of each character.
  func applyByCluster(to text: SourcedText, _ range: Range<Int>) -> SourcedText? {
    var edits = TextEdits(text, range)
    var start = range.lowerBound
    for cluster in String(decoding: text.bytes[range], as: UTF8.self) {
      let end = start + cluster.utf8.count
      if end - start < 6, let match = match(in: text.bytes, start..<end, shortest: true) {
        edits.replace(start..<end, with: match.replacement)
        start = end
      }
      while start < end {
        let next = min(end, start + UTF8.length(text.bytes[start]))
        if let match = match(in: text.bytes, start..<next, shortest: true) {
          edits.replace(start..<next, with: match.replacement)
        }
        start = next
      }
    }
    return edits.finish()
  }
}
