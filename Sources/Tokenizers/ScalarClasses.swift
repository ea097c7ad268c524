/// What splitting patterns ask about a character: is it `\p{L}`, `\p{N}`, `\s`, or none of them.
package enum ScalarClass: UInt8, Sendable, Hashable {
  /// General category L: a letter of any script.
  case letter
  /// General category N: a digit, a letter used as a number, a fraction and the like.
  case number
  /// The property White_Space.
  case whitespace
  /// Anything else: punctuation, symbols, combining marks, controls, unassigned.
  case other

  /// Reads the class from the standard library's Unicode data.
  package init(_ scalar: Unicode.Scalar) {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      self = .letter
    case .decimalNumber, .letterNumber, .otherNumber:
      self = .number
    default:
      self = scalar.properties.isWhitespace ? .whitespace : .other
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
        Unicode.Scalar(block * Self.pageLength + offset).map { ScalarClass($0) } ?? .other
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

  /// The class of the character with this code; surrogates and values beyond Unicode are other.
  package subscript(code: UInt32) -> ScalarClass {
    guard code < Self.tabulated else {
      return Unicode.Scalar(code).map { ScalarClass($0) } ?? .other
    }
    return pages[Int(starts[Int(code >> 8)]) + Int(code & 0xFF)]
  }
}
