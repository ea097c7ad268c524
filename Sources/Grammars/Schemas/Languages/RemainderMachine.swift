/// Reads the digits of a number and knows whether it is a multiple of some others.
struct RemainderMachine {
  /// The most states, which are rules of the grammar.
  static let stateLimit = 10_000

  /// Where a number is, and its remainder for each divisor.
  private struct State: Hashable {
    var automaton: Int
    /// How many digits after the point were read; nil before it.
    var places: Int?
    var remainders: [Int]
  }

  private let moduli: [Int]
  /// How many digits after the point count, for each divisor.
  private let places: [Int]

  /// Creates a machine; nil where a divisor has too many digits.
  init?(_ divisors: [ExactDecimal]) {
    var moduli: [Int] = []
    var places: [Int] = []
    for divisor in divisors {
      guard var modulus = divisor.mantissa, modulus > 0, abs(divisor.exponent) <= 15 else {
        return nil
      }
      for _ in 0..<max(0, divisor.exponent) {
        let (product, isOver) = modulus.multipliedReportingOverflow(by: 10)
        if isOver || product > 1_000_000_000_000 { return nil }
        modulus = product
      }
      moduli.append(modulus)
      places.append(max(0, -divisor.exponent))
    }
    self.moduli = moduli
    self.places = places
  }

  /// Writes rules for the numbers of an automaton that are multiples; nil where they are too many.
  func write(_ automaton: [LanguageTable.State], into draft: inout GrammarBuilder) -> Int? {
    let start = State(
      automaton: 0, places: nil, remainders: Array(repeating: 0, count: moduli.count))
    var rules = [start: draft.rule(named: "multiple")]
    var work = [start]
    let first = rules[start]
    while let state = work.popLast() {
      guard let rule = rules[state] else { continue }
      var targets: [State: ByteSet] = [:]
      for edge in automaton[state.automaton].edges {
        for byte in UInt8.min...UInt8.max where edge.bytes.contains(byte) {
          guard let next = step(state, byte, edge.target) else { continue }
          targets[next, default: ByteSet()].insert(byte)
        }
      }
      var parts: [Grammar.Expression] = []
      for (next, bytes) in targets.sorted(by: { Self.isBefore($0.value, $1.value) }) {
        if rules[next] == nil {
          if rules.count >= Self.stateLimit { return nil }
          rules[next] = draft.rule(named: "multiple")
          work.append(next)
        }
        if let number = rules[next] {
          parts.append(.sequence([draft.lexeme(.byte(bytes)), .rule(number)]))
        }
      }
      if automaton[state.automaton].isFinal, isMultiple(state) { parts.append(.sequence([])) }
      draft.define(rule, as: .anyOf(parts))
    }
    return first
  }

  private static func isBefore(_ one: ByteSet, _ two: ByteSet) -> Bool {
    for byte in UInt8.min...UInt8.max where one.contains(byte) != two.contains(byte) {
      return one.contains(byte)
    }
    return false
  }

  private func step(_ state: State, _ byte: UInt8, _ target: Int) -> State? {
    var next = state
    next.automaton = target
    if byte == UInt8(ascii: ".") {
      next.places = 0
      return next
    }
    guard (0x30...0x39).contains(byte) else { return next }
    let digit = Int(byte - 0x30)
    for index in moduli.indices {
      if let read = state.places, read >= places[index] {
        if digit != 0 { return nil }
        continue
      }
      next.remainders[index] = (state.remainders[index] * 10 + digit) % moduli[index]
    }
    if let read = state.places { next.places = min(read + 1, places.max() ?? 0) }
    return next
  }

  private func isMultiple(_ state: State) -> Bool {
    for index in moduli.indices {
      var remainder = state.remainders[index]
      for _ in 0..<max(0, places[index] - (state.places ?? 0)) {
        remainder = remainder * 10 % moduli[index]
      }
      if remainder != 0 { return false }
    }
    return true
  }
}
