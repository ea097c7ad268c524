/// The rows of one epoch: documents in an order drawn from the seed, packed without gaps.
///
/// A row has T positions, and begins with the beginning of a document or of what is left of one. The last
/// token of a document is a target only.
package struct RowTable: Sendable, Hashable {
  /// A part of a document in a row.
  package struct Segment: Sendable, Hashable {
    /// Where the part begins among all tokens.
    package let start: Int
    /// Its positions; each has the token after it as its target.
    package let count: Int
  }

  /// Positions of a row, T.
  package let length: Int
  /// All parts in order.
  private var segments: [Segment] = []
  /// Where the parts of each row end.
  private var ends: [Int] = []

  /// The number of rows: the same in every epoch.
  package var count: Int { ends.count }

  /// Rows of an epoch whose rows are so long.
  package static func count(_ corpus: TokenCorpus, length: Int) -> Int {
    let positions = corpus.ends.indices.reduce(0) { $0 + max(corpus.document($1).count - 1, 0) }
    return (positions + length - 1) / length
  }

  /// Packs the documents of an epoch.
  package init(_ corpus: TokenCorpus, length: Int, seed: UInt64, epoch: Int) {
    self.length = length
    var room = length
    for document in CounterRandom.order(corpus.ends.count, seed: seed, epoch: epoch) {
      var start = corpus.start(of: document)
      let end = corpus.ends[document] - 1
      while start < end {
        let count = min(room, end - start)
        segments.append(Segment(start: start, count: count))
        start += count
        room -= count
        if room == 0 {
          ends.append(segments.count)
          room = length
        }
      }
    }
    if room < length { ends.append(segments.count) }
  }

  /// The parts of a row.
  package subscript(row: Int) -> ArraySlice<Segment> {
    segments[(row == 0 ? 0 : ends[row - 1])..<ends[row]]
  }
}
