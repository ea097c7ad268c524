import Tokenizers

/// Where an attachment is in a prompt, and what: all that decisions need of it.
package struct AttachmentPlace: Sendable, Hashable {
  /// The positions of its placeholders, as many as it has rows.
  package let range: Range<Int>
  /// Names its content.
  package let digest: AttachmentDigest

  /// Creates a place.
  package init(range: Range<Int>, digest: AttachmentDigest) {
    self.range = range
    self.digest = digest
  }
}

/// What some positions of a page hold instead of their tokens: the rows of an attachment from `offset` on.
package struct AttachedPositions: Sendable, Hashable {
  /// Names the attachment.
  let digest: AttachmentDigest
  /// The row that the first of the positions holds.
  let offset: Int
  /// The positions, counted from the start of the page.
  let positions: Range<Int>
}

extension [AttachmentPlace] {
  /// What positions hold instead of their tokens. It is equal for two prompts just where each position
  /// has an equal digest and row in both.
  func positions(in range: Range<Int>) -> [AttachedPositions] {
    var attached: [AttachedPositions] = []
    for place in self[firstEnding(after: range.lowerBound)...] {
      guard place.range.lowerBound < range.upperBound else { break }
      let common = place.range.clamped(to: range)
      attached.append(
        AttachedPositions(
          digest: place.digest, offset: common.lowerBound - place.range.lowerBound,
          positions: (common.lowerBound - range.lowerBound)..<(common.upperBound - range.lowerBound)
        ))
    }
    return attached
  }

  /// The first place that ends after a position.
  func firstEnding(after position: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].range.upperBound > position { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Whether two prompts hold the same attachments before a position.
  func isEqual(to other: Self, before end: Int) -> Bool {
    isEmpty && other.isEmpty || positions(in: 0..<end) == other.positions(in: 0..<end)
  }
}
