extension Duration {
  /// The longest span that is measured: a year.
  static let longest = Duration.seconds(31_536_000)

  /// Makes a span of a number of seconds; what is no number, negative or beyond a year is clamped.
  package static func bounded(seconds: Double) -> Duration {
    guard seconds < 31_536_000 else { return longest }
    return seconds > 0 ? .seconds(seconds) : .zero
  }

  /// This span in seconds.
  package var inSeconds: Double { self / .seconds(1) }
  /// This span in milliseconds.
  package var inMilliseconds: Double { self / .milliseconds(1) }
}
