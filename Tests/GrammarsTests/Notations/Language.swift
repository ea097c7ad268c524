import Grammars

/// A regular language with the plain derivatives of the tests.
struct Language {
  private let regexes = PlainRegex()
  private let start: Int

  /// A language.
  init(_ regex: Regex) { start = regexes.node(regex) }

  /// Whether a text is in the language.
  func contains(_ text: String) -> Bool { contains(Array(text.utf8)) }

  /// Whether bytes are in the language.
  func contains(_ bytes: [UInt8]) -> Bool {
    var residual = start
    for byte in bytes { residual = regexes.derivative(residual, byte) }
    return regexes.isNullable(residual)
  }
}
