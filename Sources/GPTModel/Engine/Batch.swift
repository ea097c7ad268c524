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
  /// Which of two texts each row is of, 0 or 1; the first for rows from the end on, [at most T].
  private var types: [UInt8] = []
  /// The adapter of each row by its place; none for rows from the end on, [at most T].
  private var adapters: [Int32?] = []
  /// The position of each row in its sequence, [T].
  package private(set) var positions: [Int] = []
  /// Where the cache pages of each row's sequence stand in `pages`, those of the first group, and how many
  /// there are in each group, [T].
  private var tables: [(first: Int, count: Int)] = []
  /// The rows again, cut for attention, for each group of layers.
  private var blocks: [[AttentionBlock]] = []
  /// Page numbers, sequence after sequence, and of each group after group.
  private var pages: [Int32] = []
  /// The rows of each sequence that has a slot for its state, in order.
  package private(set) var runs: [StateRun] = []
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
    types.removeAll(keepingCapacity: true)
    adapters.removeAll(keepingCapacity: true)
    positions.removeAll(keepingCapacity: true)
    tables.removeAll(keepingCapacity: true)
    for group in blocks.indices { blocks[group].removeAll(keepingCapacity: true) }
    pages.removeAll(keepingCapacity: true)
    runs.removeAll(keepingCapacity: true)
    logitRows.removeAll(keepingCapacity: true)
  }

  /// The row of the store that is a row's input; nil where that is its token.
  package func storedRow(of row: Int) -> Int32? {
    row < storedRows.count ? storedRows[row] : nil
  }

  /// Which of two texts a row is of: 0 or 1.
  package func type(of row: Int) -> Int { row < types.count ? Int(types[row]) : 0 }

  /// Whether any row has an adapter.
  package var hasAdapters: Bool { !adapters.isEmpty }

  /// The place of a row's adapter; nil where the row has none.
  package func adapter(of row: Int) -> Int? {
    row < adapters.count ? adapters[row].map(Int.init) : nil
  }

  /// The cache page that holds a row's position in the layers of a group.
  package func page(of position: Int, row: Int, group: Int) -> Int32 {
    let table = tables[row]
    return pages[table.first + group * table.count + position / PageLayout.positions]
  }

  /// Calls `body` with the blocks and the page numbers of a group, where there are any.
  package func withBlocks(
    of group: Int, _ body: (UnsafeBufferPointer<AttentionBlock>, UnsafePointer<Int32>) -> Void
  ) {
    guard group < blocks.count else { return }
    blocks[group].withUnsafeBufferPointer { blocks in
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
  ///   - tables: The sequence's page numbers in each group, in order of position; as many in each.
  ///   - slot: The slot of its state; nil where no layer has one.
  package mutating func add(
    tokens: ArraySlice<Token>, from first: Int, tables: [[Int32]], slot: Int32? = nil
  ) {
    if let slot {
      runs.append(
        StateRun(rows: rows..<(rows + tokens.count), slot: slot, isFresh: first == 0))
    }
    let table = (first: pages.count, count: tables.first?.count ?? 0)
    for group in tables.indices {
      if group == blocks.count { blocks.append([]) }
      for offset in stride(from: 0, to: tokens.count, by: Self.rowsPerBlock) {
        blocks[group].append(
          AttentionBlock(
            firstRow: rows + offset, rows: min(Self.rowsPerBlock, tokens.count - offset),
            firstPosition: first + offset, firstPage: pages.count,
            end: first + tokens.count))
      }
      pages.append(contentsOf: tables[group])
    }
    for offset in 0..<tokens.count {
      positions.append(first + offset)
      self.tables.append(table)
    }
    self.tokens.append(contentsOf: tokens)
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

  /// Notes that some rows, those added last, are of a second text.
  package mutating func markSecondText(lastRows count: Int) {
    types.mark(1, last: count, of: rows, others: 0)
  }

  /// Has an adapter change the products of some rows, those added last.
  package mutating func use(adapter: Int, lastRows count: Int) {
    adapters.mark(Int32(adapter), last: count, of: rows, others: nil)
  }

  /// Has the logits of the rows added last computed.
  package mutating func wantLogits(ofLastRows count: Int) {
    logitRows.append(contentsOf: (rows - count)..<rows)
  }
}

extension Array {
  /// Sets the last of some rows to a value, where rows from the end on have the value of all others.
  fileprivate mutating func mark(
    _ value: Element, last marked: Int, of rows: Int, others: Element
  ) {
    let first = Swift.max(count, rows - marked)
    append(contentsOf: repeatElement(others, count: first - count))
    append(contentsOf: repeatElement(value, count: rows - first))
  }
}
