/// What splitting patterns ask about a character; each has one of these classes, or none.
package struct ScalarClass: OptionSet, Sendable, Hashable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// `\p{Lu}` and `\p{Lt}`.
  package static let upper = ScalarClass(rawValue: 1)
  /// `\p{Ll}`.
  package static let lower = ScalarClass(rawValue: 2)
  /// `\p{Lm}` and `\p{Lo}`: letters without case.
  package static let uncased = ScalarClass(rawValue: 4)
  /// `\p{M}`: combining marks.
  package static let mark = ScalarClass(rawValue: 8)
  /// `\p{N}`: digits, letters used as numbers, fractions and the like.
  package static let number = ScalarClass(rawValue: 16)
  /// `\s`: the property White_Space.
  package static let whitespace = ScalarClass(rawValue: 32)
  /// `\p{P}`.
  package static let punctuation = ScalarClass(rawValue: 64)
  /// `\p{S}`.
  package static let symbol = ScalarClass(rawValue: 128)

  /// `\p{L}`: a letter of any script.
  package static let letter: ScalarClass = [.upper, .lower, .uncased]

  /// Reads the class from the standard library's Unicode data.
  package init(_ scalar: Unicode.Scalar) {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .titlecaseLetter: self = .upper
    case .lowercaseLetter: self = .lower
    case .modifierLetter, .otherLetter: self = .uncased
    case .nonspacingMark, .spacingMark, .enclosingMark: self = .mark
    case .decimalNumber, .letterNumber, .otherNumber: self = .number
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      self = .punctuation
    case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: self = .symbol
    default: self = scalar.properties.isWhitespace ? .whitespace : []
    }
  }
}

/// The classes of all characters in a table of a few dozen kilobytes, made once.
package struct ScalarClasses: Sendable {
  /// The table that all splitters read.
  package static let shared = ScalarClasses()

  // Later planes hold hardly any letters: looking each up anew keeps the table quick to make.
  private static let tabulated: UInt32 = 0x4_0000
  private static let pageLength: UInt32 = 256

  /// Where the page of each block of 256 characters begins in `pages`.
  private let starts: [Int32]
  /// The classes of characters, page by page; blocks that are alike share a page.
  private let pages: [ScalarClass]

  private init() {
    var starts: [Int32] = []
    var pages: [ScalarClass] = []
    var known: [[ScalarClass]: Int32] = [:]
    for block in 0..<(Self.tabulated / Self.pageLength) {
      let page = (0..<Self.pageLength).map { offset in
        Unicode.Scalar(block * Self.pageLength + offset).map { ScalarClass($0) } ?? []
      }
      if let start = known[page] {
        starts.append(start)
      } else {
        starts.append(Int32(pages.count))
        known[page] = Int32(pages.count)
        pages += page
      }
    }
    self.starts = starts
    self.pages = pages
  }

  /// The class of the character with this code; surrogates and values beyond Unicode have none.
  package subscript(code: UInt32) -> ScalarClass {
    guard code < Self.tabulated else {
      return Unicode.Scalar(code).map { ScalarClass($0) } ?? []
    }
    return pages[Int(starts[Int(code >> 8)]) + Int(code & 0xFF)]
  }
}
