/// Regular expressions in the syntax of ECMA-262 with the flag `u`, as JSON Schema uses it.
///
/// They speak of code points; the language is one of their UTF-8. `\d` and `\w` are ASCII, `\s` is ECMA's.
/// Taken beyond ECMA: names of groups as in `(?P<name>…)`, `\A` and `\z`, escaped ASCII punctuation, braces that
/// begin no repetition. Refused: what looks around or back, flags but `(?i:…)`, and what never gives back.
package struct RegexSyntax {
  /// What may be said about a whole regular expression from outside.
  struct Flags: OptionSet {
    let rawValue: Int
    /// Letters match in either case.
    static let ignoresCase = Flags(rawValue: 1)
    /// A dot is any code point, line ends included.
    static let dotIsAny = Flags(rawValue: 2)
    /// Blanks and what follows `#` in a line mean nothing.
    static let isSpaced = Flags(rawValue: 4)
  }

  /// The language of a regular expression.
  ///
  /// - Parameter anchored: Whether it must match a whole text; otherwise somewhere in it.
  package static func parse(
    _ pattern: String, anchored: Bool
  ) throws(GrammarError) -> Regex {
    try parse(pattern, anchored: anchored, flags: [])
  }

  /// The language of a regular expression under flags.
  static func parse(
    _ pattern: String, anchored: Bool, flags: Flags
  ) throws(GrammarError) -> Regex {
    var parser = RegexParser(pattern, flags: flags)
    let written = try parser.whole()
    let whole =
      anchored ? written : RegexNode.joined([.anyText, written, .anyText])
    do throws(GrammarError) {
      let language = try AssertionResolver.resolve(whole).regex
      if language.size > RegexParser.nodeLimit { throw RegexParser.tooLong }
      return language
    } catch {
      var fault = error
      if fault.place == .whole, let byte = parser.firstAssertion { fault.place = .byte(byte) }
      throw fault
    }
  }

  /// The language of a terminal of a grammar, which has no borders that an anchor could mean.
  static func terminal(_ pattern: String, flags: Flags) throws(GrammarError) -> Regex {
    var parser = RegexParser(pattern, flags: flags)
    _ = try parser.whole()
    if let byte = parser.firstAssertion {
      throw GrammarError(
        .unsupported, at: .byte(byte), "has an anchor, which cannot be enforced in a grammar")
    }
    return try parse(pattern, anchored: true, flags: flags)
  }
}
