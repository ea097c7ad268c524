/// The leaves of any step: a function of the corpus, the seed and the step's number, which is all that a run
/// needs to go on where it was.
package struct TrainingData: StepData {
  /// How steps are cut.
  package struct Cut: Sendable, Hashable {
    /// Positions of a row, T.
    package let rowLength: Int
    /// Rows of a leaf.
    package let rows: Int
    /// Leaves of a step, a power of two.
    package let leaves: Int

    /// Names the sizes.
    package init(rowLength: Int, rows: Int, leaves: Int) throws(TrainingError) {
      let sizes = [("rowLength", rowLength), ("rows", rows), ("leaves", leaves)]
      for (name, size) in sizes where !(1...1 << 20).contains(size) {
        throw TrainingError(.configuration, field: name, "\(size) is not in 1...\(1 << 20)")
      }
      guard leaves & (leaves - 1) == 0 else {
        throw TrainingError(.configuration, field: "leaves", "\(leaves) is no power of two")
      }
      self.rowLength = rowLength
      self.rows = rows
      self.leaves = leaves
    }
  }

  private let corpus: TokenCorpus
  private let cut: Cut
  private let seed: UInt64
  /// Rows of every epoch.
  package let rowsPerEpoch: Int
  private var table: RowTable
  private var epoch = 0

  /// Names the corpus, which must have something to predict.
  package init(_ corpus: TokenCorpus, cut: Cut, seed: UInt64) throws(TrainingError) {
    self.corpus = corpus
    self.cut = cut
    self.seed = seed
    rowsPerEpoch = RowTable.count(corpus, length: cut.rowLength)
    guard rowsPerEpoch > 0 else {
      throw TrainingError(.data, field: "corpus", "no document has two tokens")
    }
    table = RowTable(corpus, length: cut.rowLength, seed: seed, epoch: 0)
  }

  package var largestLeaf: Int { cut.rows * cut.rowLength }

  package mutating func leaves(step: Int) throws(TrainingError) -> [Leaf] {
    var leaves: [Leaf] = []
    for leaf in 0..<cut.leaves {
      let first = (step * cut.leaves + leaf) * cut.rows
      leaves.append(try self.leaf(rows: first..<first + cut.rows))
    }
    return leaves
  }

  private mutating func leaf(rows: Range<Int>) throws(TrainingError) -> Leaf {
    var tokens: [UInt32] = []
    var targets: [Int32] = []
    var lengths: [Int] = []
    for row in rows {
      let (epoch, place) = row.quotientAndRemainder(dividingBy: rowsPerEpoch)
      if epoch != self.epoch {
        table = RowTable(corpus, length: cut.rowLength, seed: seed, epoch: epoch)
        self.epoch = epoch
      }
      for segment in table[place] {
        let range = segment.start..<segment.start + segment.count
        tokens += corpus.tokens[range]
        targets += corpus.tokens[range.lowerBound + 1..<range.upperBound + 1].map {
          Int32(truncatingIfNeeded: $0)
        }
        lengths.append(segment.count)
      }
    }
    return try Leaf(tokens: tokens, targets: targets, documentLengths: lengths)
  }
}
