extension StringProtocol {
  /// The lines, empty ones included, with any line ending.
  var everyLine: [SubSequence] {
    // A carriage return and a line feed are one character.
    split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
  }

  /// The text without spaces, tabs and carriage returns at its ends.
  var trimmingSpace: SubSequence {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
    guard let first = firstIndex(where: { !isSpace($0) }),
      let last = lastIndex(where: { !isSpace($0) })
    else { return self[endIndex...] }
    return self[first...last]
  }
}
