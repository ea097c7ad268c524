import Platform

extension Character {
  /// What a terminal is shown for the character: one that it might obey is spelled out, and a tab is
  /// spaces.
  package var shown: String { self == "\t" ? "    " : String(self).harmlessLines }

  /// Columns that a terminal gives the character, as Unicode's East Asian Width and emoji have it.
  package var columns: Int {
    guard let first = unicodeScalars.first else { return 0 }
    if unicodeScalars.contains("\u{FE0F}"), first.properties.isEmoji, !first.isASCII { return 2 }
    return first.columns
  }
}

extension String {
  /// Columns that a terminal gives the text.
  package var columns: Int { reduce(0) { $0 + $1.columns } }
}

extension Unicode.Scalar {
  /// Columns that a terminal gives the scalar when no other is combined with it.
  fileprivate var columns: Int {
    if value < 0x300 { return 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    return isWide || properties.isEmojiPresentation ? 2 : 1
  }

  /// Whether it is Wide or Fullwidth, emoji aside.
  private var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF,
      0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,
      0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265,
      0x20000...0x2FFFD, 0x30000...0x3FFFD:
      true
    default: false
    }
  }
}
