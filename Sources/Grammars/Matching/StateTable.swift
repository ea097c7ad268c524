/// A lexeme that is being matched at a border of rows.
struct Thread: Hashable, Comparable {
  /// The row at whose end the lexeme began.
  var row: Int32
  /// The lexeme; `Thread.border` where the text is at the row itself, and may end or go on with a
  /// control token.
  var lexeme: Int32
  /// How far the lexeme has come.
  var state: LexemeState
  /// The text so far, where it must differ from others.
  var text: UInt32 = SeenTexts.untracked

  static let border: Int32 = -1

  var words: [UInt32] {
    [
      UInt32(bitPattern: row), UInt32(bitPattern: lexeme), UInt32(bitPattern: state.language),
      UInt32(bitPattern: state.phase), UInt32(bitPattern: state.count), text,
    ]
  }

  static func < (left: Thread, right: Thread) -> Bool {
    if left.row != right.row { return left.row < right.row }
    if left.lexeme != right.lexeme { return left.lexeme < right.lexeme }
    let (first, second) = (left.state, right.state)
    return (first.language, first.phase, first.count, left.text)
      < (second.language, second.phase, second.count, right.text)
  }
}

/// All that a text can be in the middle of: a state of the matcher.
struct MatcherState {
  var threads: [Thread]
  /// Whether the text may end here.
  var mayEnd = false
  /// Whether something may follow.
  var mayGoOn = false
  /// Whether a lexeme is among the threads whose texts must differ, and whether one has few texts.
  var hasUnique = false
  var hasFiniteUnique = false
  /// Where the states after each class of bytes are; -1 where they are not kept.
  var row: Int32 = -1
  /// The state that stands for this one and all in which tokens do the same; -1 where it is not
  /// known yet.
  var shape: Int32 = -1
  /// The byte that must follow; -1 where there is none and -2 where that is not known yet.
  var forced: Int16 = -2
}

/// A lexeme of a compiled grammar.
struct CompiledLexeme: Sendable {
  let shared: SharedLexeme
  let bounds: UnitBounds
  let isUnique: Bool
  /// Whether a unique lexeme has so few texts that they may all be seen.
  let isFinite: Bool
  let start: LexemeState
}

/// States of the matcher, each different one kept once, and what follows them.
struct StateTable {
  typealias State = Int32

  /// The state after what is not allowed.
  static let dead: State = 0

  private(set) var rows: RowTable
  let lexemes: [CompiledLexeme]
  private let classes: ByteClasses
  private let window: Int
  private var table = WordTable()
  private(set) var states: [MatcherState] = []
  private var next: [State] = []
  private var starts: [Int32: State] = [:]
  private var threadCount = 0
  /// The state before any text.
  private(set) var root = Self.dead

  /// Creates the first states.
  init(_ rows: RowTable, lexemes: [CompiledLexeme], classes: ByteClasses, window: Int) {
    self.rows = rows
    self.lexemes = lexemes
    self.classes = classes
    self.window = window
    _ = state(of: [])
    root = start(of: RowTable.root)
  }

  /// Memory that the states hold, about.
  var byteCount: Int {
    rows.byteCount + table.byteCount + 4 * next.count + 96 * states.count + 32 * threadCount
  }

  /// The state after a byte.
  @inline(__always)
  mutating func step(_ state: State, _ byte: UInt8) -> State {
    let row = states[Int(state)].row
    if row >= 0 {
      let known = next[Int(row) + Int(classes.classOf[Int(byte)])]
      if known >= 0 { return known }
    }
    return find(state, byte)
  }

  @inline(never)
  private mutating func find(_ state: State, _ byte: UInt8) -> State {
    var threads: [Thread] = []
    var ended: [Int] = []
    for thread in states[Int(state)].threads where thread.lexeme != Thread.border {
      let lexeme = lexemes[Int(thread.lexeme)]
      guard let (next, accepts, goesOn) = lexeme.shared.step(thread.state, byte, lexeme.bounds)
      else {
        continue
      }
      var after = thread
      after.state = next
      if thread.text != SeenTexts.untracked {
        after.text = rows.appending(byte, to: thread.text)
      }
      if goesOn, isOpen(after, lexeme) { threads.append(after) }
      if accepts, let row = rows.row(after: Int(after.row), Int(after.lexeme), after.text),
        !ended.contains(row)
      {
        ended.append(row)
      }
    }
    for row in ended { begin(row, &threads) }
    let result = self.state(of: threads)
    let row = states[Int(state)].row
    if row >= 0 { next[Int(row) + Int(classes.classOf[Int(byte)])] = result }
    return result
  }

  /// The state after a control token.
  mutating func step(_ state: State, token: Int32) -> State {
    var threads: [Thread] = []
    for thread in states[Int(state)].threads where thread.lexeme == Thread.border {
      if let row = rows.row(after: Int(thread.row), token: token) { begin(row, &threads) }
    }
    return self.state(of: threads)
  }

  /// The control tokens that may follow a state.
  func tokens(after state: State) -> [Int32] {
    var result: [Int32] = []
    for thread in states[Int(state)].threads where thread.lexeme == Thread.border {
      result += rows.rows[Int(thread.row)].tokens.map(\.token)
    }
    return result
  }

  /// The state at a row.
  mutating func start(of row: Int) -> State {
    if let known = starts[Int32(row)] { return known }
    var threads: [Thread] = []
    begin(row, &threads)
    let result = state(of: threads)
    starts[Int32(row)] = result
    return result
  }

  /// States of the matcher that were found so far.
  var stateCount: Int { states.count }

  /// The threads of a state that are equally far in equal lexemes, whatever their rows.
  func groups(_ state: State) -> [[Thread]] {
    var (groups, places) = ([[Thread]](), [Thread: Int]())
    for thread in states[Int(state)].threads where thread.lexeme != Thread.border {
      var key = thread
      key.row = 0
      if let place = places[key] {
        groups[place].append(thread)
      } else {
        places[key] = groups.count
        groups.append([thread])
      }
    }
    return groups
  }

  /// The state at the rows after the lexeme that some threads are in.
  mutating func start(after group: [Thread]) -> State {
    var ended: [Int] = []
    for thread in group {
      if let row = rows.row(after: Int(thread.row), Int(thread.lexeme), thread.text),
        !ended.contains(row)
      {
        ended.append(row)
      }
    }
    if ended.count == 1 { return start(of: ended[0]) }
    var threads: [Thread] = []
    for row in ended { begin(row, &threads) }
    return state(of: threads)
  }

  /// Adds the lexemes that may follow a row.
  private func begin(_ row: Int, _ threads: inout [Thread]) {
    let value = rows.rows[row]
    for shift in value.shifts {
      let lexeme = lexemes[shift.lexeme]
      var thread = Thread(row: Int32(row), lexeme: Int32(shift.lexeme), state: lexeme.start)
      if lexeme.isUnique, shift.items.contains(where: { $0.seen != SeenTexts.unknown }) {
        thread.text = SeenTexts.emptyText
      }
      if isOpen(thread, lexeme) { threads.append(thread) }
    }
    if value.accepts || !value.tokens.isEmpty {
      threads.append(
        Thread(row: Int32(row), lexeme: Thread.border, state: LexemeState(language: 0)))
    }
  }

  /// Whether a lexeme has a text that was not seen yet.
  private func isOpen(_ thread: Thread, _ lexeme: CompiledLexeme) -> Bool {
    guard thread.text != SeenTexts.untracked, lexeme.isFinite else { return true }
    let count = lexeme.shared.textCount(thread.state)
    for item in items(of: thread) {
      if item.seen == SeenTexts.unknown { return true }
      if rows.texts.rests(item.seen, after: thread.text).count < count { return true }
    }
    return false
  }

  /// The items that wait for the lexeme of a thread.
  private func items(of thread: Thread) -> [Item] {
    rows.rows[Int(thread.row)].shifts.first { $0.lexeme == Int(thread.lexeme) }?.items ?? []
  }

  /// What would make the text of a thread one that was seen before.
  func seenRests(_ thread: Thread) -> [[UInt8]] {
    guard thread.text != SeenTexts.untracked else { return [] }
    return items(of: thread).flatMap { rows.texts.rests($0.seen, after: thread.text) }
  }

  private mutating func state(of threads: [Thread]) -> State {
    var threads = threads
    if threads.count > 1 {
      threads.sort()
      var count = 1
      for thread in threads.dropFirst() where thread != threads[count - 1] {
        threads[count] = thread
        count += 1
      }
      threads.removeSubrange(count...)
    }
    let (index, isNew) = table.insert(threads.flatMap(\.words))
    if isNew { add(threads) }
    return State(index)
  }

  private mutating func add(_ threads: [Thread]) {
    var state = MatcherState(threads: threads)
    for thread in threads {
      if thread.lexeme == Thread.border {
        let row = rows.rows[Int(thread.row)]
        if row.accepts { state.mayEnd = true }
        if !row.tokens.isEmpty { state.mayGoOn = true }
      } else {
        state.mayGoOn = true
        let lexeme = lexemes[Int(thread.lexeme)]
        if lexeme.isUnique { state.hasUnique = true }
        if lexeme.isUnique, lexeme.isFinite { state.hasFiniteUnique = true }
      }
    }
    threadCount += threads.count
    let index = State(states.count)
    states.append(state)
    let shape = self.shape(of: threads)
    states[Int(index)].shape = shape
    if shape == index {
      states[Int(index)].row = State(next.count)
      next += repeatElement(-1, count: classes.count)
    }
  }

  private mutating func shape(of threads: [Thread]) -> State {
    var copies: [Thread] = []
    for thread in threads {
      var copy = thread
      copy.row = rows.rows[Int(thread.row)].shape
      copy.text = SeenTexts.untracked
      if thread.lexeme != Thread.border {
        let lexeme = lexemes[Int(thread.lexeme)]
        copy.state = lexeme.shared.clipped(thread.state, lexeme.bounds, window: window)
      }
      copies.append(copy)
    }
    return copies == threads ? State(states.count - 1) : state(of: copies)
  }

  /// The byte that must follow a state, if there is only one and the text cannot end.
  mutating func forcedByte(_ state: State) -> UInt8? {
    if states[Int(state)].forced == -2 {
      states[Int(state)].forced = findForcedByte(state).map { Int16($0) } ?? -1
    }
    let forced = states[Int(state)].forced
    return forced < 0 ? nil : UInt8(forced)
  }

  private mutating func findForcedByte(_ state: State) -> UInt8? {
    let value = states[Int(state)]
    guard !value.mayEnd, !value.threads.contains(where: { $0.lexeme == Thread.border }) else {
      return nil
    }
    var result: UInt8?
    for (index, byte) in classes.representatives.enumerated() {
      guard step(state, byte) != Self.dead else { continue }
      guard result == nil, classes.sizes[index] == 1 else { return nil }
      result = byte
    }
    return result
  }

  /// The state here of a state of another table of the same grammar.
  mutating func adopt(_ state: State, of other: StateTable) -> State {
    var threads: [Thread] = []
    for thread in other.states[Int(state)].threads {
      var copy = thread
      copy.row = Int32(rows.adopt(Int(thread.row), of: other.rows))
      copy.text = rows.adopt(text: thread.text, of: other.rows)
      if thread.lexeme != Thread.border {
        let (new, old) = (
          lexemes[Int(thread.lexeme)].shared, other.lexemes[Int(thread.lexeme)].shared
        )
        copy.state = new.adopt(thread.state, of: old)
      }
      threads.append(copy)
    }
    return self.state(of: threads)
  }
}
