/// A set of characters: those of some classes and those in some ranges, or all others.
struct ScalarSet: Sendable, Hashable {
  private let classes: ScalarClass
  private let ranges: [ClosedRange<UInt32>]
  private let isInverted: Bool

  /// Creates the set of characters that are of a class or stand in a range.
  ///
  /// - Parameter ranges: In ascending order, without overlap.
  init(_ classes: ScalarClass = [], _ ranges: [ClosedRange<UInt32>] = [], inverted: Bool = false) {
    self.classes = classes
    self.ranges = ranges
    isInverted = inverted
  }

  /// Creates the set of some characters, and of those of a class.
  init(_ classes: ScalarClass = [], of characters: String, inverted: Bool = false) {
    let codes = characters.unicodeScalars.map(\.value).sorted()
    self.init(classes, codes.map { $0...$0 }, inverted: inverted)
  }

  /// Creates the set of what a list of characters and ranges such as `a-z` names.
  init(_ classes: ScalarClass = [], spelled list: String) {
    var ranges: [ClosedRange<UInt32>] = []
    var isRange = false
    for scalar in list.unicodeScalars {
      if isRange, let first = ranges.popLast() {
        ranges.append(first.lowerBound...max(first.lowerBound, scalar.value))
        isRange = false
      } else if scalar == "-", !ranges.isEmpty {
        isRange = true
      } else {
        ranges.append(scalar.value...scalar.value)
      }
    }
    self.init(classes, ranges.sorted { $0.lowerBound < $1.lowerBound })
  }

  /// The set of all characters that are in neither of the two.
  static func outside(_ classes: ScalarClass, of characters: String = "") -> ScalarSet {
    ScalarSet(classes, of: characters, inverted: true)
  }

  /// Returns whether a character is in the set.
  func contains(_ character: ClassifiedText.Character) -> Bool {
    (character.isIn(classes) || !ranges.isEmpty && isInRange(character.code)) != isInverted
  }

  private func isInRange(_ code: UInt32) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < code { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(code)
  }
}

extension ScalarSet {
  /// Line feed and carriage return.
  static let lineEnds = ScalarSet(of: "\r\n")
  /// A space.
  static let space = ScalarSet(of: " ")
  /// `\p{Han}`.
  static let han = ScalarSet(
    [],
    [
      0x2E80...0x2E99, 0x2E9B...0x2EF3, 0x2F00...0x2FD5, 0x3005...0x3005, 0x3007...0x3007,
      0x3021...0x3029, 0x3038...0x303B, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFA6D,
      0xFA70...0xFAD9, 0x16FE2...0x16FE3, 0x16FF0...0x16FF1, 0x20000...0x2A6DF, 0x2A700...0x2B739,
      0x2B740...0x2B81D, 0x2B820...0x2CEA1, 0x2CEB0...0x2EBE0, 0x2EBF0...0x2EE5D,
      0x2F800...0x2FA1D, 0x30000...0x3134A, 0x31350...0x323AF,
    ])
  /// Letters of ASCII.
  static let latin = ScalarSet(spelled: "A-Za-z")
  /// Signs of ASCII.
  static let asciiSigns = ScalarSet([], [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E])
}
