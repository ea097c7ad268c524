import Synchronization

/// The automaton of a lexeme with all that was found out about it, shared by grammars and threads.
///
/// `@unchecked Sendable`: `lock` is held wherever the variables are used.
final class SharedLexeme: @unchecked Sendable {
  private let lock = Mutex(())
  private var automaton: CountedAutomaton
  private var masks: [MaskKey: LexemeMask] = [:]
  /// Tokens of few units within masks that tell units.
  private var unitSets: [MaskKey: UnitSets] = [:]
  private var sizes: [RegexAutomaton.State: Int] = [:]
  private var maskBytes = 0
  private var walked = 0
  /// The bytes that no expression of the language tells apart.
  let classes: ByteClasses
  private let counts: Bool

  private let maskStates: Int
  /// Whether it cannot be told within the limits if the language has a text.
  let isTooComplex: Bool

  /// What a mask depends on.
  private enum MaskKey: Hashable {
    /// A state, without its count.
    case plain(LexemeState)
    /// A state whose count is held against bounds.
    case bound(LexemeState, UnitBounds)
  }

  /// Creates the automaton of a lexeme that was checked.
  init(_ lexeme: Grammar.Lexeme, limits: GrammarLimits) {
    var classes = ByteClasses()
    classes.split(by: lexeme.language)
    if let count = lexeme.count {
      classes.split(by: .literal(count.prefix))
      classes.split(by: count.unit)
      classes.split(by: count.suffix)
    }
    self.classes = classes
    counts = lexeme.count != nil
    maskStates = limits.maskStates
    var automaton = CountedAutomaton(lexeme, limits: limits)
    isTooComplex = !automaton.hasLanguage(searching: limits.searchSteps)
    self.automaton = automaton
  }

  /// Memory that is held, about.
  var byteCount: Int { lock.withLock { _ in automaton.byteCount + maskBytes } }

  /// Nodes of tries that masks have looked at.
  var walkedNodes: Int { lock.withLock { _ in walked } }

  /// Whether a text within bounds is one of the lexeme; nil where that cannot be told.
  func hasText(_ bounds: UnitBounds) -> Bool? {
    if isTooComplex { return nil }
    return lock.withLock { _ in
      if automaton.hasText(bounds) { return true }
      return automaton.isExhausted ? nil : false
    }
  }

  /// How many states there are so far.
  var stateCount: Int { lock.withLock { _ in automaton.language.stateCount } }

  /// The beginning of every text.
  var start: LexemeState { lock.withLock { _ in automaton.start } }

  /// The state after a byte, and whether a text may end in it and go on from it.
  func step(
    _ state: LexemeState, _ byte: UInt8, _ bounds: UnitBounds
  ) -> (state: LexemeState, accepts: Bool, goesOn: Bool)? {
    lock.withLock { _ in
      guard let next = automaton.step(state, byte, bounds) else { return nil }
      guard automaton.accepts(next, bounds) else { return (next, false, true) }
      for byte in classes.representatives where automaton.step(next, byte, bounds) != nil {
        return (next, true, true)
      }
      return (next, true, false)
    }
  }

  /// The state here of a state of another automaton of the same lexeme.
  func adopt(_ state: LexemeState, of other: SharedLexeme) -> LexemeState {
    if other === self { return state }
    let source = other.lock.withLock { _ in other.automaton }
    return lock.withLock { _ in automaton.adopt(state, of: source) }
  }

  /// How many texts lead from a state to an end, many for `RegexAutomaton.manyTexts`.
  func textCount(_ state: LexemeState) -> Int {
    lock.withLock { _ in automaton.textCount(state, known: &sizes) }
  }

  /// A state that stands for all from which the tokens, of at most so many bytes, do the same.
  func clipped(_ state: LexemeState, _ bounds: UnitBounds, window: Int) -> LexemeState {
    guard counts else { return state }
    return lock.withLock { _ in
      var result = state
      if automaton.counter?.isSuffix(state.phase) == true {
        result.count = 0
      } else if automaton.isFree(state) {
        result.count = bounds.representative(state.count, window: Int32(window))
      } else if automaton.isRoomy(bounds.min, bounds, window: window),
        automaton.isRoomy(state.count, bounds, window: window)
      {
        result.count = bounds.min
      }
      return result
    }
  }

  /// What the tokens do from a state on within some bounds.
  struct Answer {
    var mask: LexemeMask
    /// The tokens that lie within the lexeme and the bounds: a set, and more.
    var inner: TokenSet
    var more: [Int32] = []
    /// How many units tokens must begin that leave the lexeme, and may.
    var units = 0...Int.max
  }

  /// What tokens do from a state on.
  func mask(_ state: LexemeState, _ bounds: UnitBounds, _ trie: TokenTrie) -> Answer {
    guard counts else {
      let (mask, walk) = plainMask(state, trie)
      // The next lexeme that comes to such a state finds it known.
      if let wanted = walk?.wanted { _ = plainMask(LexemeState(language: wanted), trie) }
      return Answer(mask: mask, inner: mask.inner)
    }
    let (isFree, isRoomy, isSuffix) = lock.withLock { _ in
      (
        automaton.isFree(state), automaton.isRoomy(state.count, bounds, window: trie.longest),
        automaton.counter?.isSuffix(state.phase) == true
      )
    }
    var key = state
    if isFree || isRoomy { key.count = 0 }
    if !isFree, !isRoomy {
      let mask = mask(.bound(key, bounds), trie) { _ in BoundedWalk(key, bounds, trie) }.mask
      return Answer(mask: mask, inner: mask.inner)
    }
    let kind: MaskKey = isFree ? .plain(key) : .bound(key, .free)
    let mask = mask(kind, trie) { automaton in
      UnboundedWalk(key, automaton, tellsUnits: isFree, trie)
    }.mask
    var answer = Answer(mask: mask, inner: mask.inner)
    if !isFree || isSuffix { return answer }
    let least = Swift.max(0, Int(bounds.min) - Int(state.count))
    answer.units = least...(bounds.max.map { Int($0 - state.count) } ?? Int.max)
    if let tokens = mask.tokens, answer.units.upperBound < tokens.most {
      (answer.inner, answer.more) = lock.withLock { _ in
        let before = unitSets[kind]?.byteCount ?? 0
        let result = unitSets[kind, default: UnitSets()].inner(
          tokens, atMost: answer.units.upperBound, trie)
        maskBytes += (unitSets[kind]?.byteCount ?? 0) - before
        return result
      }
    }
    return answer
  }

  private func plainMask(
    _ state: LexemeState, _ trie: TokenTrie
  ) -> (mask: LexemeMask, walk: PlainWalk?) {
    mask(.plain(state), trie) { automaton in
      automaton.withLanguage { PlainWalk(state.language, &$0, trie) }
    }
  }

  /// A mask that is known, or what a walk finds, which gives way to other answers now and then.
  private func mask<Walk: LexemeWalk>(
    _ key: MaskKey, _ trie: TokenTrie, walk begin: (inout CountedAutomaton) -> Walk
  ) -> (mask: LexemeMask, walk: Walk?) {
    let (known, stateLimit) = lock.withLock { _ in
      (masks[key], automaton.language.stateCount + maskStates)
    }
    if let known { return (known, nil) }
    var walk = lock.withLock { _ in begin(&automaton) }
    while true {
      let (isThrough, isSpent) = lock.withLock { _ in
        let isThrough = walk.advance(&automaton, nodes: Self.pieceLength)
        return (isThrough, automaton.language.stateCount > stateLimit)
      }
      if isThrough { break }
      if isSpent {
        // More states would fill the automaton for one mask: they are found on a copy.
        var copy = lock.withLock { _ in automaton }
        while !walk.advance(&copy, nodes: .max) {}
        break
      }
    }
    let (mask, visits) = (walk.mask(trie), walk.visits)
    let kept = lock.withLock { _ in
      walked += visits
      if let known = masks[key] { return known }
      masks[key] = mask
      maskBytes += mask.byteCount
      return mask
    }
    return (kept, walk)
  }

  /// Nodes of the trie that are walked without giving way.
  private static let pieceLength = 4096
}

extension UnitBounds {
  /// A count that stands for all that differ in nothing that so few more units can show.
  func representative(_ count: Int32, window: Int32) -> Int32 {
    let lacking = Swift.max(0, min - count)
    guard let max else { return lacking > window ? 0 : clipped(count) }
    if max - count <= window { return count }
    if lacking == 0 { return max - min > window ? min : count }
    return lacking > window && min > window ? 0 : count
  }
}

/// Automata of lexemes by the lexemes, so that a new grammar finds what earlier ones found out.
final class LexemeCache: Sendable {
  private let lexemes = Mutex<[Grammar.Lexeme: SharedLexeme]>([:])
  /// Memory that the lexemes may hold before all are forgotten.
  private static let capacity = 64 << 20
  private static let largest = 16 << 20
  private static let longest = 4096

  /// Creates a cache without lexemes.
  init() {}

  /// The automaton of a lexeme that was checked, whatever the bounds of its count.
  func automaton(_ lexeme: Grammar.Lexeme, limits: GrammarLimits) -> SharedLexeme {
    var key = lexeme
    key.isUnique = false
    key.count?.min = 0
    key.count?.max = nil
    return lexemes.withLock { lexemes in
      if let known = lexemes[key], known.byteCount < Self.largest,
        known.stateCount < limits.states
      {
        return known
      }
      if lexemes.count >= Self.longest
        || lexemes.count % 64 == 63
          && lexemes.values.reduce(0, { $0 + $1.byteCount }) > Self.capacity
      {
        lexemes.removeAll()
      }
      let automaton = SharedLexeme(key, limits: limits)
      lexemes[key] = automaton
      return automaton
    }
  }
}
