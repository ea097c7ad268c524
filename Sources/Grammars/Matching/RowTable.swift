/// One rule that is being matched (an item of Earley's algorithm, 1970).
struct Item: Hashable {
  /// The state of the rule's automaton.
  var state: Int32
  /// Rounds of the loop that the state is in.
  var count: Int32 = 0
  /// The texts of unique lexemes that were matched.
  var seen: UInt32 = SeenTexts.none
  /// The row where the rule began; `Item.here` for the row that the item is in.
  var origin: Int32
  /// What ends when this item does: its rule, or one whose last symbol the rule was.
  var rule: Int32

  static let here: Int32 = -1

  var words: [UInt32] {
    [
      UInt32(bitPattern: state), UInt32(bitPattern: count), seen, UInt32(bitPattern: origin),
      UInt32(bitPattern: rule),
    ]
  }
}

/// What may come next at a border between lexemes, and what it would make of the rules begun.
struct Row {
  /// The items that the last lexeme led to.
  var kernel: [Item]
  /// The items after each lexeme that may follow.
  var shifts: [(lexeme: Int, items: [Item])] = []
  /// The items after each control token that may follow.
  var tokens: [(token: Int32, items: [Item])] = []
  /// The items after each rule that begins here.
  var waits: [Int32: [Item]] = [:]
  /// Whether the text may end here.
  var accepts = false
  /// Rules that are within one another.
  var depth: Int32
  /// The row that stands for this one and all from which tokens do the same.
  var shape: Int32 = -1
  /// Whether only what needs the fewest rules is taken, since there was too much.
  var isTight = false
  /// Whether there is so much, here or where rules began, that there may soon be too much.
  var isCrowded = false
  /// The row that is taken instead, since there is too much here; -1 for none.
  var replacement: Int32 = -1
  /// What tells rows apart whatever the order in which they were found.
  var fingerprint: UInt64 = 0
}

/// Rows, each different one kept once.
///
/// Rows do not know how the text came to them. So a text that comes back to the same situation comes
/// back to the same row, and what was found out about it holds again.
struct RowTable {
  let rules: RuleAutomata
  private let limits: GrammarLimits
  /// Bytes of the longest token.
  private let window: Int32
  private var table = WordTable()
  private(set) var rows: [Row] = []
  private(set) var texts = SeenTexts()
  /// The row after a lexeme, by row, lexeme and text; -1 for none.
  private var following: [Key: Int32] = [:]
  /// Items of a row at most.
  private let itemLimit: Int
  /// Whether rows may differ in what no token shows.
  let hasShapes: Bool
  private var itemCount = 0

  private struct Key: Hashable {
    var row: Int32
    var lexeme: Int32
    var text: UInt32
  }

  /// The row before any text.
  static let root = 0

  /// Creates the first row.
  init(_ rules: RuleAutomata, limits: GrammarLimits, window: Int) {
    self.rules = rules
    self.limits = limits
    self.window = Int32(window)
    itemLimit = limits.rowItems + rules.states.count
    hasShapes = rules.states.contains { $0.isUnique || $0.bounds != nil }
    let start = Int32(rules.starts[rules.root])
    _ = row(of: [Item(state: start, origin: Item.here, rule: Int32(rules.root))])
  }

  /// Memory that the rows hold, about.
  var byteCount: Int {
    table.byteCount + texts.byteCount + 200 * rows.count + 20 * itemCount + 32 * following.count
  }

  /// The text with one more byte.
  mutating func appending(_ byte: UInt8, to text: UInt32) -> UInt32 {
    texts.appending(byte, to: text)
  }

  /// The row after a text of a lexeme; nil where the text must not be.
  mutating func row(after row: Int, _ lexeme: Int, _ text: UInt32) -> Int? {
    let key = Key(row: Int32(row), lexeme: Int32(lexeme), text: text)
    if let known = following[key] { return known < 0 ? nil : Int(known) }
    let items = rows[row].shifts.first { $0.lexeme == lexeme }?.items ?? []
    let isUnique = rules.lexemes[lexeme].isUnique
    let result = self.row(after: isUnique ? marking(text, items) : items)
    following[key] = result.map { Int32($0) } ?? -1
    return result
  }

  /// The row after a control token; nil where it must not be.
  mutating func row(after row: Int, token: Int32) -> Int? {
    guard let items = rows[row].tokens.first(where: { $0.token == token })?.items else {
      return nil
    }
    return self.row(after: items)
  }

  /// Items that have seen one more text, without those that had seen it.
  private mutating func marking(_ text: UInt32, _ items: [Item]) -> [Item] {
    var result: [Item] = []
    for var item in items {
      if item.seen == SeenTexts.unknown || text == SeenTexts.untracked {
        item.seen = SeenTexts.unknown
      } else {
        if texts.contains(item.seen, text) { continue }
        item.seen = texts.inserting(text, into: item.seen)
      }
      result.append(item)
    }
    return result
  }

  private mutating func row(after items: [Item]) -> Int? {
    var (queue, seen, kernel, position) = ([Item](), Set<Item>(), [Item](), 0)
    var isWhole = true
    for item in items where seen.insert(item).inserted { queue.append(item) }
    let root = Int32(rules.root)
    while position < queue.count {
      let item = queue[position]
      position += 1
      guard Int(item.state) == RuleAutomata.end, item.rule != root else {
        kernel.append(item)
        continue
      }
      for next in ended(item) where !seen.contains(next) {
        if seen.count >= itemLimit { isWhole = false }
        guard isWhole else { break }
        seen.insert(next)
        queue.append(next)
      }
    }
    guard !kernel.isEmpty else { return nil }
    return isWhole ? row(of: kernel) : tight(kernel)
  }

  /// The items that go on after an item has come to its end.
  private func ended(_ item: Item) -> [Item] {
    guard item.origin >= 0, let waits = rows[Int(item.origin)].waits[item.rule] else { return [] }
    return waits.map { wait in
      var next = wait
      if wait.origin == Item.here { next.origin = item.origin }
      return next
    }
  }

  /// The row of items.
  private mutating func row(of items: [Item], isTight: Bool = false) -> Int {
    let kernel = sorted(items)
    let (index, isNew) = table.insert([isTight ? 1 : 0] + kernel.flatMap(\.words))
    guard isNew else {
      return rows[index].replacement < 0 ? index : Int(rows[index].replacement)
    }
    var row = Row(kernel: kernel, depth: 0)
    row.isTight = isTight
    for item in kernel where item.origin >= 0 {
      row.depth = max(row.depth, rows[Int(item.origin)].depth + 1)
      if rows[Int(item.origin)].isCrowded { row.isCrowded = true }
    }
    row.fingerprint = fingerprint(of: kernel, isTight: isTight)
    let isWhole = close(&row, index: Int32(index))
    if !isWhole { row.shifts = [] }
    itemCount += kernel.count + row.shifts.reduce(0) { $0 + $1.items.count }
    itemCount += row.waits.values.reduce(0) { $0 + $1.count }
    rows.append(row)
    guard isWhole else { return replace(index, by: kernel) }
    rows[index].shape = Int32(index)
    if hasShapes, !row.isTight, !row.isCrowded {
      let shape = self.shape(of: kernel)
      if !rows[shape].isTight { rows[index].shape = Int32(shape) }
    }
    return index
  }

  /// A row of one of too many items, the one that needs the fewest rules.
  private mutating func replace(_ index: Int, by kernel: [Item]) -> Int {
    rows[index].waits = [:]
    let row = tight(kernel)
    rows[index].replacement = Int32(row)
    return row
  }

  private mutating func tight(_ items: [Item]) -> Int {
    row(of: nearest(items).map { [$0] } ?? [], isTight: true)
  }

  private mutating func shape(of kernel: [Item]) -> Int {
    var items: [Item] = []
    for item in kernel {
      var copy = item
      let state = rules.states[Int(item.state)]
      if state.isUnique { copy.seen = SeenTexts.unknown }
      if let bounds = state.bounds {
        copy.count = bounds.representative(item.count, window: window)
      }
      if item.origin >= 0 { copy.origin = rows[Int(item.origin)].shape }
      items.append(copy)
    }
    if items == kernel { return rows.count - 1 }
    var (result, known) = ([Item](), Set<Item>())
    for item in items where known.insert(item).inserted { result.append(item) }
    return row(of: result)
  }

  /// Adds what may follow the items of a row.
  ///
  /// - Returns: False where that is too much.
  private func close(_ row: inout Row, index: Int32) -> Bool {
    var closure = Closure(items: row.kernel, limit: row.isTight ? .max : itemLimit)
    while let item = closure.next() {
      if Int(item.state) == RuleAutomata.end {
        if item.rule == Int32(rules.root) { row.accepts = true }
        let more = ended(item)
        for next in row.isTight ? nearest(more).map({ [$0] }) ?? [] : more { closure.add(next) }
        continue
      }
      let state = rules.states[Int(item.state)]
      for move in state.moves {
        if let next = Self.moved(item, move) { closure.add(next) }
      }
      let depth = item.origin < 0 ? row.depth + 1 : rows[Int(item.origin)].depth + 1
      for edge in state.edges {
        let isShortest = rules.cost(edge) <= state.rank
        if Int(depth) > limits.frames || row.isTight, !isShortest { continue }
        take(edge, item, isShortest, &row, &closure)
      }
    }
    if closure.isOverfull { return false }
    if closure.items.count > itemLimit / 4 { row.isCrowded = true }
    let origin = { (item: Item) in
      var item = item
      if item.origin == Item.here { item.origin = index }
      return item
    }
    for place in row.shifts.indices {
      row.shifts[place].items = row.shifts[place].items.map(origin)
    }
    for place in row.tokens.indices {
      row.tokens[place].items = row.tokens[place].items.map(origin)
    }
    return true
  }

  private func take(
    _ edge: RuleAutomata.Edge, _ item: Item, _ isShortest: Bool, _ row: inout Row,
    _ closure: inout Closure
  ) {
    var after = item
    after.state = Int32(edge.target)
    switch edge.symbol {
    case .lexeme(let lexeme):
      if let place = row.shifts.firstIndex(where: { $0.lexeme == lexeme }) {
        row.shifts[place].items.append(after)
      } else {
        row.shifts.append((lexeme, [after]))
      }
    case .token(let token):
      if let place = row.tokens.firstIndex(where: { $0.token == token }) {
        row.tokens[place].items.append(after)
      } else {
        row.tokens.append((token, [after]))
      }
    case .rule(let rule):
      let start = Int32(rules.starts[rule])
      if edge.skipsEmpty, rules.isNullable(rule) { closure.add(after) }
      if edge.target == RuleAutomata.end {
        // The end of the rule is the end of the item: what calls the item need not be kept.
        closure.add(Item(state: start, origin: item.origin, rule: item.rule))
      } else if Int(row.depth) < limits.frames || isShortest {
        row.waits[Int32(rule), default: []].append(after)
        closure.add(Item(state: start, origin: Item.here, rule: Int32(rule)))
      }
    }
  }

  private static func moved(_ item: Item, _ move: RuleAutomata.Move) -> Item? {
    var next = item
    next.state = Int32(move.target)
    switch move.kind {
    case .plain: break
    case .round(let max): if let max, item.count >= max { return nil }
    case .next(let min, let max):
      let count = item.count + 1
      next.count = max == nil ? Swift.min(count, Int32(min)) : count
    case .leave(let min):
      guard item.count >= min else { return nil }
      next.count = 0
    }
    return next
  }

  /// Items that are looked at one after the other.
  private struct Closure {
    private(set) var items: [Item]
    private var known: Set<Item>
    private let limit: Int
    private var position = 0
    /// Whether something was left out.
    private(set) var isOverfull = false

    init(items: [Item], limit: Int) {
      self.items = items
      known = Set(items)
      self.limit = Swift.max(limit, items.count)
    }

    mutating func add(_ item: Item) {
      guard !known.contains(item) else { return }
      guard items.count < limit else {
        isOverfull = true
        return
      }
      known.insert(item)
      items.append(item)
    }

    mutating func next() -> Item? {
      guard position < items.count, !isOverfull else { return nil }
      position += 1
      return items[position - 1]
    }
  }

  /// The rows here of a row of another table of the same rules and of those it stands on.
  mutating func adopt(_ row: Int, of other: RowTable) -> Int {
    var (needed, queue) = (Set([row]), [row])
    while let next = queue.popLast() {
      for item in other.rows[next].kernel where item.origin >= 0 {
        if needed.insert(Int(item.origin)).inserted { queue.append(Int(item.origin)) }
      }
    }
    var copies: [Int: Int] = [:]
    // What a row stands on is older than the row.
    for old in needed.sorted() {
      var kernel: [Item] = []
      for item in other.rows[old].kernel {
        var copy = item
        copy.seen = texts.adopt(set: item.seen, of: other.texts)
        if item.origin >= 0 { copy.origin = Int32(copies[Int(item.origin)] ?? Self.root) }
        kernel.append(copy)
      }
      copies[old] = self.row(of: kernel, isTight: other.rows[old].isTight)
    }
    return copies[row] ?? Self.root
  }

  /// The text here of a text of another table.
  mutating func adopt(text: UInt32, of other: RowTable) -> UInt32 {
    texts.adopt(text: text, of: other.texts)
  }
}
