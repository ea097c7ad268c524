/// Goes through the source of a grammar scalar by scalar and knows the line.
struct NotationReader {
  /// The scalars of the source.
  let scalars: [Unicode.Scalar]
  /// The next of them.
  var position = 0
  private var expressions = 0

  /// Begins at the beginning of a source.
  init(_ text: String) throws(GrammarError) {
    if text.utf8.count > NotationLimits.source {
      throw GrammarError(.tooComplex, "has more than \(NotationLimits.source) bytes")
    }
    scalars = Array(text.unicodeScalars)
  }

  /// The next scalar; nil at the end.
  var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  /// The scalar after a number of others; nil beyond the end.
  func peek(_ offset: Int) -> Unicode.Scalar? {
    position + offset < scalars.count ? scalars[position + offset] : nil
  }

  /// Whether a text comes next.
  func isNext(_ text: String) -> Bool { scalars[position...].starts(with: text.unicodeScalars) }

  /// Goes on past a text if it comes next.
  mutating func skip(_ text: String) -> Bool {
    guard isNext(text) else { return false }
    position += text.unicodeScalars.count
    return true
  }

  /// Goes on to the end of the line.
  mutating func skipLine() {
    while let scalar = next, scalar != "\n", scalar != "\r" { position += 1 }
  }

  /// The scalars from here that fit, which are gone past.
  mutating func take(while fits: (Unicode.Scalar) -> Bool) -> String {
    var result = String.UnicodeScalarView()
    while let scalar = next, fits(scalar) {
      result.append(scalar)
      position += 1
    }
    return String(result)
  }

  /// A decimal number if one comes next; those beyond every limit are cut down to just that.
  mutating func number() -> Int? {
    let digits = take { ("0"..."9").contains($0) }
    if digits.isEmpty { return nil }
    return min(Int(digits) ?? .max, NotationLimits.count + 1)
  }

  /// A hexadecimal number of so many digits.
  mutating func hexadecimal(_ digits: Int) -> UInt32? {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let scalar = next, scalar.isASCII, let digit = Character(scalar).hexDigitValue else {
        return nil
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  /// The line of a position, counted from 1; by default of the next scalar.
  func line(of index: Int? = nil) -> Int {
    scalars[..<min(index ?? position, scalars.count)].reduce(1) { $1 == "\n" ? $0 + 1 : $0 }
  }

  /// A fault in the line of a position, by default of the next scalar.
  func fault(
    _ message: String, _ kind: GrammarError.Kind = .invalid, at index: Int? = nil
  ) -> GrammarError {
    GrammarError(kind, at: .line(line(of: index)), message)
  }

  /// Counts an expression.
  mutating func count() throws(GrammarError) {
    expressions += 1
    if expressions > NotationLimits.expressions {
      throw fault("has more than \(NotationLimits.expressions) expressions", .tooComplex)
    }
  }

  /// Bounds as in `2`, `2,` or `2,5`, without what is around them.
  mutating func bounds(at start: Int) throws(GrammarError) -> (min: Int, max: Int?) {
    skipBlanks()
    let low = number()
    skipBlanks()
    var high = low
    if skip(",") {
      skipBlanks()
      high = number()
      skipBlanks()
    }
    return try checked(low, high, at: start)
  }

  /// Bounds that are in order and within limits.
  func checked(
    _ low: Int?, _ high: Int?, at start: Int
  ) throws(GrammarError) -> (min: Int, max: Int?) {
    guard let low else { throw fault("has a repetition without lower bound", at: start) }
    if let high, high < low { throw fault("has a repetition with crossed bounds", at: start) }
    if max(low, high ?? 0) > NotationLimits.count {
      throw fault("repeats more than \(NotationLimits.count) times", .tooComplex, at: start)
    }
    return (low, high)
  }

  /// Goes on past spaces and tabs.
  mutating func skipBlanks() {
    while next == " " || next == "\t" { position += 1 }
  }
}
