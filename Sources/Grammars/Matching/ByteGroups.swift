/// Groups of bytes that a lexeme often treats alike.
struct ByteGroups: OptionSet {
  let rawValue: UInt32

  /// Bytes that do not continue the beginning of a text of well-formed UTF-8.
  static let malformed = ByteGroups(rawValue: 1 << 15)
  /// Bytes of characters above ASCII.
  static let wide = ByteGroups(rawValue: 1 << 14)

  private static let table: [ByteGroups] = (UInt8.min...UInt8.max).map { byte in
    let group: UInt32 =
      switch byte {
      case 0..<0x20: 0
      case 0x20: 1
      case UInt8(ascii: "\""): 2
      case UInt8(ascii: "\\"): 3
      case UInt8(ascii: "0")...UInt8(ascii: "9"): 4
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): 5
      case UInt8(ascii: "a")...UInt8(ascii: "z"): 6
      case UInt8(ascii: "<"): 7
      case UInt8(ascii: "["), UInt8(ascii: "]"): 8
      case UInt8(ascii: "{"), UInt8(ascii: "}"): 9
      case UInt8(ascii: ","): 10
      case UInt8(ascii: ":"): 11
      case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): 12
      case 0x80...: 14
      default: 13
      }
    return ByteGroups(rawValue: 1 << group)
  }

  /// Creates groups by their bits.
  init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The group of a byte.
  init(of byte: UInt8) { self = Self.table[Int(byte)] }

  /// What JSON strings hold as it is.
  static let content = ByteGroups(rawValue: (1 << 15) - 1)
    .subtracting([ByteGroups(of: 0), ByteGroups(of: 0x22), ByteGroups(of: 0x5C)])
}

/// How far a character of UTF-8 has come.
enum CharacterState: UInt8 {
  case boundary
  /// One, two or three bytes are to come, of any value that continues a character.
  case one, two, three
  /// The next byte is bounded: after E0, ED, F0 and F4.
  case afterE0, afterED, afterF0, afterF4
  case malformed

  /// The state after a byte.
  func after(_ byte: UInt8) -> CharacterState {
    switch self {
    case .boundary:
      switch byte {
      case 0..<0x80: .boundary
      case 0xC2...0xDF: .one
      case 0xE0: .afterE0
      case 0xED: .afterED
      case 0xE1...0xEF: .two
      case 0xF0: .afterF0
      case 0xF1...0xF3: .three
      case 0xF4: .afterF4
      default: .malformed
      }
    case .one: 0x80...0xBF ~= byte ? .boundary : .malformed
    case .two: 0x80...0xBF ~= byte ? .one : .malformed
    case .three: 0x80...0xBF ~= byte ? .two : .malformed
    case .afterE0: 0xA0...0xBF ~= byte ? .one : .malformed
    case .afterED: 0x80...0x9F ~= byte ? .one : .malformed
    case .afterF0: 0x90...0xBF ~= byte ? .two : .malformed
    case .afterF4: 0x80...0x8F ~= byte ? .two : .malformed
    case .malformed: .malformed
    }
  }
}
