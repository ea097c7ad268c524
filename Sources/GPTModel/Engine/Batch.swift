package import Tensor
import Tokenizers

/// The rows of one step, as the decoder reads them.
package struct Batch: Sendable {
  /// Rows that attention takes together at most: enough to share each page read, few enough to balance.
  package static let rowsPerBlock = 8

  /// The token of each row, [T].
  package private(set) var tokens: [Token] = []
  /// The row of the store of encoded attachments that is a row's input instead of its token; none for
  /// rows from the end on, [at most T].
  private var storedRows: [Int32?] = []
  /// The position of each row in its sequence, [T].
  package private(set) var positions: [Int] = []
  /// Where the cache pages of each row's sequence stand in `pages`, [T].
  private var firstPages: [Int] = []
  /// The rows again, cut for attention.
  package private(set) var blocks: [AttentionBlock] = []
  /// Page numbers, sequence after sequence.
  package private(set) var pages: [Int32] = []
  /// The rows whose logits are wanted, [S].
  package private(set) var logitRows: [Int] = []

  /// Creates an empty batch.
  package init() {}

  /// Rows of the step, T.
  package var rows: Int { tokens.count }

  /// Empties the batch; keeps its memory.
  package mutating func removeAll() {
    tokens.removeAll(keepingCapacity: true)
    storedRows.removeAll(keepingCapacity: true)
    positions.removeAll(keepingCapacity: true)
    firstPages.removeAll(keepingCapacity: true)
    blocks.removeAll(keepingCapacity: true)
    pages.removeAll(keepingCapacity: true)
    logitRows.removeAll(keepingCapacity: true)
  }

  /// The row of the store that is a row's input; nil where that is its token.
  package func storedRow(of row: Int) -> Int32? {
    row < storedRows.count ? storedRows[row] : nil
  }

  /// The cache page that holds a row's position.
  package func page(of position: Int, row: Int) -> Int32 {
    pages[firstPages[row] + position / PageLayout.positions]
  }

  /// Calls `body` with the blocks and the page numbers, where there are any.
  package func withBlocks(
    _ body: (UnsafeBufferPointer<AttentionBlock>, UnsafePointer<Int32>) -> Void
  ) {
    blocks.withUnsafeBufferPointer { blocks in
      pages.withUnsafeBufferPointer { pages in
        guard let base = pages.baseAddress else { return }
        body(blocks, base)
      }
    }
  }

  /// Adds rows of one sequence: tokens at consecutive positions.
  ///
  /// - Parameters:
  ///   - tokens: The tokens, at least one.
  ///   - first: The position of the first.
  ///   - pages: The sequence's page numbers, in order of position.
  package mutating func add(tokens: ArraySlice<Token>, from first: Int, pages: [Int32]) {
    for offset in stride(from: 0, to: tokens.count, by: Self.rowsPerBlock) {
      blocks.append(
        AttentionBlock(
          firstRow: rows + offset, rows: min(Self.rowsPerBlock, tokens.count - offset),
          firstPosition: first + offset, firstPage: self.pages.count))
    }
    for offset in 0..<tokens.count {
      positions.append(first + offset)
      firstPages.append(self.pages.count)
    }
    self.tokens.append(contentsOf: tokens)
    self.pages.append(contentsOf: pages)
  }

  /// Has rows of the store be the input of rows that were added last, instead of tokens.
  ///
  /// - Parameters:
  ///   - stored: The rows of the store.
  ///   - end: How many rows of the batch follow those.
  package mutating func replaceTokens(by stored: ArraySlice<Int32>, beforeLast end: Int) {
    let first = max(storedRows.count, rows - end - stored.count)
    storedRows.append(contentsOf: repeatElement(nil, count: first - storedRows.count))
    for row in stored { storedRows.append(row) }
  }

  /// Has the logits of the row added last computed.
  package mutating func wantLogitsOfLastRow() { logitRows.append(rows - 1) }
}
