extension [UInt8] {
  /// How many bytes at the end begin a character of UTF-8 that further bytes can complete.
  package var unfinishedLength: Int {
    for length in 1...3 where length <= count {
      let lead = self[count - length]
      guard lead < 0x80 || lead > 0xBF else { continue }
      return Self.isUnfinished(suffix(length)) ? length : 0
    }
    return 0
  }

  /// Returns whether the bytes, a lead byte and continuation bytes, are the beginning of a
  /// well-formed character and not all of it.
  private static func isUnfinished(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let lead = bytes.first else { return false }
    let needed =
      switch lead {
      case 0xC2...0xDF: 2
      case 0xE0...0xEF: 3
      case 0xF0...0xF4: 4
      default: 0
      }
    guard bytes.count < needed else { return false }
    guard let second = bytes.dropFirst().first else { return true }
    // What these lead bytes exclude: overlong forms, surrogates, values beyond U+10FFFF.
    return switch lead {
    case 0xE0: second >= 0xA0
    case 0xED: second <= 0x9F
    case 0xF0: second >= 0x90
    case 0xF4: second <= 0x8F
    default: true
    }
  }
}
