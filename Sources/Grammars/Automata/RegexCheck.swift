/// Measures a regular expression, so that taking it over is bounded.
struct RegexCheck {
  private let limits: GrammarLimits
  private var nodes = 0
  private var literalBytes = 0

  /// Begins to measure.
  init(_ limits: GrammarLimits) { self.limits = limits }

  /// Measures one expression.
  ///
  /// - Throws: An error that names the limit that is passed.
  mutating func check(_ regex: Regex) throws(GrammarError) {
    try check(regex, depth: 0, product: 1)
  }

  private mutating func check(
    _ regex: Regex, depth: Int, product: Int
  ) throws(GrammarError) {
    guard depth <= limits.depth else {
      throw GrammarError(.tooComplex, "nests more than \(limits.depth) expressions")
    }
    switch regex {
    case .nothing, .empty, .byte: try count(1)
    case .literal(let text): try count(text: text)
    case .sequence(let parts), .intersection(let parts):
      try count(1)
      for part in parts { try check(part, depth: depth + 1, product: product) }
    case .alternatives(let parts):
      try count(1)
      for part in parts {
        // Texts are held as one list.
        if case .literal(let text) = part {
          try count(text: text)
        } else {
          try check(part, depth: depth + 1, product: product)
        }
      }
    case .complement(let part):
      try count(1)
      try check(part, depth: depth + 1, product: product)
    case .repetition(let part, let min, let max):
      try count(1)
      let factor = try self.factor(min, max, product)
      try check(part, depth: depth + 1, product: factor)
    }
  }

  private mutating func count(_ number: Int) throws(GrammarError) {
    nodes += number
    guard nodes <= limits.regexNodes else {
      throw GrammarError(.tooComplex, "has more than \(limits.regexNodes) parts")
    }
  }

  private mutating func count(text: [UInt8]) throws(GrammarError) {
    literalBytes += text.count + 1
    guard literalBytes <= limits.literalBytes else {
      throw GrammarError(.tooComplex, "has more than \(limits.literalBytes) bytes of texts")
    }
  }

  /// The product of bounds that a repetition makes of the one around it.
  private func factor(_ min: Int, _ max: Int?, _ product: Int) throws(GrammarError) -> Int {
    guard min >= 0 else { throw GrammarError(.invalid, "has a count of \(min)") }
    let bound = Swift.max(max ?? min, min, 1)
    guard bound <= limits.regexCount else {
      throw GrammarError(
        .tooComplex, "has a count of \(bound), more than \(limits.regexCount)")
    }
    let (result, overflow) = product.multipliedReportingOverflow(by: bound)
    guard product == 1 || !overflow && result <= limits.regexProduct else {
      throw GrammarError(
        .tooComplex, "has counts within counts whose product is above \(limits.regexProduct)")
    }
    return result
  }
}

extension Regex {
  /// Whether the empty text is in the language.
  var acceptsEmpty: Bool {
    switch self {
    case .nothing, .byte: false
    case .empty: true
    case .literal(let text): text.isEmpty
    case .sequence(let parts), .intersection(let parts): parts.allSatisfy(\.acceptsEmpty)
    case .alternatives(let parts): parts.contains(where: \.acceptsEmpty)
    case .complement(let part): !part.acceptsEmpty
    case .repetition(let part, let min, let max):
      max.map { $0 >= min } ?? true && (min == 0 || part.acceptsEmpty)
    }
  }
}

extension Grammar.Lexeme {
  /// Whether the empty text is one of the lexeme.
  var acceptsEmpty: Bool {
    guard let count else { return language.acceptsEmpty }
    return language.acceptsEmpty && count.prefix.isEmpty && count.suffix.acceptsEmpty
      && count.min == 0
  }
}
