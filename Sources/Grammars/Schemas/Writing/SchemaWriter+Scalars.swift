import JSON

extension SchemaWriter {
  /// The scalar values of facts, each kind by itself.
  mutating func scalars(
    _ facts: Facts, _ literals: [Literal]
  ) throws(SchemaFault) -> [Grammar.Expression] {
    var result: [Grammar.Expression] = []
    if let words = words(facts) { result.append(draft.lexeme(words)) }
    if facts.types.contains(.string) {
      result.append(draft.lexeme(try string(facts, isCanonical: false)))
    }
    if !facts.types.isDisjoint(with: .number) {
      result.append(try number(facts, literals))
    }
    return result
  }

  /// The values without number and text; nil where there are none.
  func words(_ facts: Facts) -> Regex? {
    var words: [Regex] = []
    if facts.types.contains(.null) { words.append(Regex("null")) }
    if facts.types.contains(.boolean) {
      for flag in [true, false] where !facts.excluded.contains(.bool(flag)) {
        words.append(Regex(flag ? "true" : "false"))
      }
    }
    if words.isEmpty { return nil }
    return words.count == 1 ? words[0] : .alternatives(words)
  }

  /// The unescaped texts that are left by patterns and exclusions; nil for all.
  func content(_ facts: Facts, withLength: Bool) -> Regex? {
    var parts = facts.texts
    let excluded = facts.excluded.compactMap { value -> Regex? in
      if case .string(let text) = value { Regex(text) } else { nil }
    }
    if !excluded.isEmpty { parts.append(.complement(.alternatives(excluded))) }
    if withLength, facts.length.min > 0 || facts.length.max != nil {
      parts.append(
        .repetition(Regex.anyScalar, min: facts.length.min, max: facts.length.max))
    }
    if parts.isEmpty { return nil }
    return parts.count == 1 ? parts[0] : .intersection(parts)
  }

  /// The strings of facts.
  mutating func string(
    _ facts: Facts, isCanonical: Bool
  ) throws(SchemaFault) -> Grammar.Lexeme {
    let hasLength = facts.length.min > 0 || facts.length.max != nil
    if content(facts, withLength: false) == nil {
      if hasLength {
        return StringLanguages.counted(min: facts.length.min, max: facts.length.max)
      }
      return Grammar.Lexeme(isCanonical ? StringLanguages.canonical : StringLanguages.any)
    }
    let isCounted = hasLength && !isCanonical
    let language = content(facts, withLength: !isCounted) ?? .nothing
    var lexeme = Grammar.Lexeme(
      StringLanguages.quoted(StringLanguages.spell(language, isCanonical: isCanonical)))
    if isCounted {
      lexeme.count = StringLanguages.count(min: facts.length.min, max: facts.length.max)
    }
    return lexeme
  }

  /// The numbers of facts, multiples of other numbers than powers of ten aside.
  func numbers(_ facts: Facts, isCanonical: Bool) -> Regex {
    let isWhole = !facts.types.contains(.fraction)
    var parts: [Regex] = []
    if let bound = facts.lowest {
      parts.append(NumberLanguages.atLeast(bound.value, isExclusive: bound.isExclusive))
    }
    if let bound = facts.highest {
      parts.append(NumberLanguages.atMost(bound.value, isExclusive: bound.isExclusive))
    }
    for value in facts.excluded {
      guard let number = ExactDecimal(value) else { continue }
      parts.append(.complement(NumberLanguages.texts(of: number)))
    }
    for divisor in facts.multiples where divisor.mantissa == 1 {
      parts.append(NumberLanguages.multiples(ofTenTo: divisor.exponent))
    }
    for divisor in facts.notMultiples where divisor.mantissa == 1 {
      parts.append(.complement(NumberLanguages.multiples(ofTenTo: divisor.exponent)))
    }
    let isFree = parts.isEmpty && facts.multiples.isEmpty && !isCanonical
    if isWhole {
      parts.insert(
        isCanonical ? NumberLanguages.canonicalIntegers : NumberLanguages.integers, at: 0)
    } else if !facts.types.contains(.integer) {
      parts.insert(NumberLanguages.fractions, at: 0)
      if isCanonical { parts.append(NumberLanguages.canonicalDecimals) }
    } else if isCanonical {
      parts.insert(NumberLanguages.canonicalDecimals, at: 0)
    } else {
      parts.insert(isFree ? NumberLanguages.any : NumberLanguages.decimals, at: 0)
    }
    return parts.count == 1 ? parts[0] : .intersection(parts)
  }

  private mutating func number(
    _ facts: Facts, _ literals: [Literal]
  ) throws(SchemaFault) -> Grammar.Expression {
    for divisor in facts.notMultiples where divisor.mantissa != 1 {
      throw SchemaFault(
        .unsupported, at: .pointer(facts.pointers["multipleOf"] ?? ""),
        "is negated, which cannot be enforced")
    }
    let language = numbers(facts, isCanonical: false)
    let divisors = facts.multiples.filter { $0.mantissa != 1 }
    if divisors.isEmpty { return draft.lexeme(language) }
    if let few = Self.multiples(facts) { return draft.lexeme(few) }
    return try remainders(language, divisors, literals)
  }

  /// The whole multiples within narrow bounds, one by one; nil where they are many.
  private static func multiples(_ facts: Facts) -> Regex? {
    guard !facts.types.contains(.fraction), facts.excluded.isEmpty, facts.notMultiples.isEmpty,
      let lower = facts.lowest?.value.smallInteger, let upper = facts.highest?.value.smallInteger,
      let step = facts.multiples.first?.smallInteger, step > 0, upper >= lower,
      (upper - lower) / step <= 1000
    else { return nil }
    var texts: [[UInt8]] = []
    let remainder = lower % step
    var value = remainder > 0 ? lower - remainder + step : lower - remainder
    while value <= upper {
      let number = ExactDecimal(value)
      if facts.allows(number) { texts.append(Array(String(value).utf8)) }
      value += step
    }
    return texts.isEmpty ? .nothing : TextTrie.language(of: texts)
  }

  /// The numbers of a language that are multiples, as rules that remember remainders.
  private mutating func remainders(
    _ language: Regex, _ divisors: [ExactDecimal], _ literals: [Literal]
  ) throws(SchemaFault) -> Grammar.Expression {
    let fault = SchemaFault(
      .tooComplex, at: .pointer(expansion.pointer(of: literals)),
      "has a multipleOf that needs more than \(RemainderMachine.stateLimit) states")
    guard let machine = RemainderMachine(divisors) else { throw fault }
    do {
      // Where all 40 characters are too many to count, 15 will do.
      for longest in [NumberLanguages.longest, 15] {
        let bounded = Regex.intersection([
          language, .repetition(.byte(.all), min: 1, max: longest),
        ])
        if let states = try languages.automaton(bounded, atMost: RemainderMachine.stateLimit),
          let rule = machine.write(states, into: &draft)
        {
          return .rule(rule)
        }
      }
    } catch {
      throw fault
    }
    throw fault
  }
}

extension Facts {
  /// The bound from below that says the most.
  var lowest: Bound? {
    lower.max { ($0.value, $0.isExclusive ? 1 : 0) < ($1.value, $1.isExclusive ? 1 : 0) }
  }

  /// The bound from above that says the most.
  var highest: Bound? {
    upper.min { ($0.value, $0.isExclusive ? 0 : 1) < ($1.value, $1.isExclusive ? 0 : 1) }
  }

  /// Whether the bounds and multiples allow a number.
  func allows(_ number: ExactDecimal) -> Bool {
    lower.allSatisfy { $0.isExclusive ? $0.value < number : $0.value <= number }
      && upper.allSatisfy { $0.isExclusive ? number < $0.value : number <= $0.value }
      && multiples.allSatisfy { number.isMultiple(of: $0) }
  }
}
