/// A deterministic automaton of a regular expression, made while it is used.
///
/// State 0 accepts nothing and is never left, state 1 is the beginning, before any byte. From every
/// other state an end can be reached.
struct RegexAutomaton {
  /// The number of a state.
  typealias State = Int32

  private enum Life: UInt8 { case unknown, dead, live }

  static let dead: State = 0
  static let start: State = 1

  private var arena = RegexArena()
  /// The bytes that no expression here tells apart.
  let classes: ByteClasses
  /// The groups of the bytes of ASCII in each class.
  let classGroups: [ByteGroups]
  private var nodes: [Int32] = []
  /// The state of an expression, by its number; zero where there is none yet.
  private var states: [State] = []
  private var accepting: [Bool] = []
  private var lives: [Life] = []
  /// The state after each class `[state, class]`; -1 where it is not known yet.
  private var next: [State] = []
  /// The same, before states were found to be dead.
  private var undecided: [State] = []
  /// States that a search for an end may look at.
  var searchLimit: Int
  /// Whether a search was too long, so that a state counts as dead that may not be.
  private(set) var isExhausted = false
  /// What each state does not tell apart, where derivatives were worked out: a name for each class.
  private var alike: [State: [UInt8]] = [:]
  /// One byte of each run from 0x80 on that neither UTF-8 nor the classes tell apart.
  let wideLetters: [UInt8]
  /// What may follow each state in any order, where it is known.
  var freedoms: [ByteGroups?] = []
  /// The same for texts of bounded length, and where groups of bytes lead.
  var boundedFreedoms: [State: [Freedom]] = [:]
  var groupMoves: [State: [GroupMove<State>]] = [:]
  /// Whether no text has a character above ASCII, and each ends in a quotation mark.
  let isPlainString: Bool
  /// Classes of bytes that led from other states to such that have an end.
  private var ways: [Int] = []

  /// Creates the automaton of an expression that `RegexCheck` has passed.
  init(_ regex: Regex, limits: GrammarLimits) {
    var classes = ByteClasses()
    classes.split(by: regex)
    self.classes = classes
    classGroups = classes.groups
    wideLetters = classes.wideLetters
    isPlainString = regex.isPlainString
    searchLimit = limits.searchStates
    let root = arena.insert(regex)
    addState(RegexArena.nothing)
    addState(root)
    for index in 0..<classes.count { next[index] = Self.dead }
    // The beginning accepts nothing itself, and is no other state.
    states[root] = 0
    acceptsEmpty = arena.isNullable(root)
    accepting = [false, false]
    lives = [.dead, .live]
  }

  /// Whether the empty text is in the language.
  private(set) var acceptsEmpty = false

  /// Derivatives and states that were worked out so far: what the automaton has cost.
  var stepCount: Int { arena.derivatives.count + nodes.count }

  /// How many states there are so far.
  var stateCount: Int { nodes.count }

  /// Memory that the automaton holds, about.
  var byteCount: Int {
    arena.byteCount + 4 * (states.count + next.count + undecided.count) + 6 * nodes.count
      + alike.count * (classes.count + 48) + 64 * (boundedFreedoms.count + groupMoves.count)
  }

  /// What may follow a state, in words that are the same in every automaton; nil where they are too many.
  func description(of state: State) -> [UInt32]? {
    arena.description(of: Int(nodes[Int(state)]))
  }

  /// Whether a text may end in a state.
  func accepts(_ state: State) -> Bool { accepting[Int(state)] }

  /// The state after a byte.
  @inline(__always)
  mutating func step(_ state: State, _ byte: UInt8) -> State {
    let known = next[Int(state) * classes.count + Int(classes.classOf[Int(byte)])]
    return known >= 0 ? known : find(state, Int(classes.classOf[Int(byte)]))
  }

  /// The state here that accepts what a state of another automaton accepts.
  mutating func adopt(_ state: State, of other: RegexAutomaton) -> State {
    if state <= Self.start { return state }
    var known: [Int: Int] = [:]
    let node = arena.insert(Int(other.nodes[Int(state)]), of: other.arena, known: &known)
    let copy = self.state(of: node)
    lives[Int(copy)] = .live
    return copy
  }

  @inline(never)
  private mutating func find(_ state: State, _ index: Int) -> State {
    var result = follow(state, index)
    if !isLive(result) { result = Self.dead }
    next[Int(state) * classes.count + index] = result
    return result
  }

  /// The state after a class of bytes, which may be a dead end.
  private mutating func follow(_ state: State, _ index: Int) -> State {
    let slot = Int(state) * classes.count + index
    if arena.hasBooleans, slot < undecided.count, undecided[slot] >= 0 { return undecided[slot] }
    let node = Int(nodes[Int(state)])
    let result = self.state(of: arena.derivative(node, classes.representatives[index]))
    // Few of the classes are told apart in any one state.
    let names = alike[state] ?? arena.alike(node, classes)
    alike[state] = names
    let row = Int(state) * classes.count
    if arena.hasBooleans, undecided.count < next.count {
      undecided += repeatElement(-1, count: next.count - undecided.count)
    }
    for other in names.indices where names[other] == names[index] {
      if arena.hasBooleans { undecided[row + other] = result } else { next[row + other] = result }
    }
    return result
  }

  private mutating func state(of node: Int) -> State {
    if node == RegexArena.nothing { return Self.dead }
    if node < states.count, states[node] != 0 { return states[node] }
    return addState(node)
  }

  @discardableResult
  private mutating func addState(_ node: Int) -> State {
    let state = State(nodes.count)
    nodes.append(Int32(node))
    accepting.append(arena.isNullable(node))
    // Only complements and intersections hide that they are without a text.
    lives.append(arena.hasBooleans && !arena.isNullable(node) ? .unknown : .live)
    next += repeatElement(-1, count: classes.count)
    if states.count <= node { states += repeatElement(0, count: node + 1 - states.count) }
    states[node] = state
    return state
  }

  /// Whether an end can be reached: looks for one, breadth first.
  ///
  /// The search is exact up to its limit. A state beyond is taken for dead, which leaves out texts and
  /// never leads to a dead end: of a live state the way to an end is live too.
  private mutating func isLive(_ state: State) -> Bool {
    guard lives[Int(state)] == .unknown else { return lives[Int(state)] == .live }
    for index in ways where lives[Int(follow(state, index))] == .live {
      lives[Int(state)] = .live
      return true
    }
    var (queue, parents) = ([state], [state: state])
    var position = 0
    while position < queue.count, queue.count <= searchLimit {
      let current = queue[position]
      position += 1
      for index in 0..<classes.count {
        let next = follow(current, index)
        if lives[Int(next)] == .dead || parents[next] != nil { continue }
        parents[next] = current
        if lives[Int(next)] == .live {
          markLive(next, parents)
          if !ways.contains(index) { ways = [index] + ways.prefix(3) }
          return true
        }
        queue.append(next)
      }
    }
    if queue.count > searchLimit {
      isExhausted = true
      queue = [state]
    }
    for state in queue { lives[Int(state)] = .dead }
    return false
  }

  private mutating func markLive(_ state: State, _ parents: [State: State]) {
    var state = state
    while true {
      lives[Int(state)] = .live
      guard let parent = parents[state], parent != state else { return }
      state = parent
    }
  }
}
