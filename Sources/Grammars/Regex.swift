/// A regular language over bytes; text is UTF-8.
package indirect enum Regex: Hashable, Sendable {
  /// No text at all.
  case nothing
  /// The empty text alone.
  case empty
  /// One byte of a set.
  case byte(ByteSet)
  /// One text.
  case literal([UInt8])
  /// A text of each, one after the other.
  case sequence([Regex])
  /// A text of any of them.
  case alternatives([Regex])
  /// The texts that are in all of them; every text where there are none.
  case intersection([Regex])
  /// Every sequence of bytes that is not in the language.
  case complement(Regex)
  /// Texts one after the other, a number of times within bounds; without upper bound where `max` is nil.
  case repetition(Regex, min: Int, max: Int?)
}

extension Regex {
  /// One text.
  package init(_ text: String) { self = .literal(Array(text.utf8)) }

  /// Every sequence of bytes.
  package static let everything = Regex.repetition(.byte(.all), min: 0, max: nil)

  /// The language or the empty text.
  package var optional: Regex { .repetition(self, min: 0, max: 1) }
}
