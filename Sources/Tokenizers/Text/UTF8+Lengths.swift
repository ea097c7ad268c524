extension UTF8 {
  /// How many bytes a character has that begins with this one, in well-formed text.
  @inline(__always)
  static func length(_ first: UInt8) -> Int {
    first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
  }

  /// The code of a character from its bytes in well-formed text.
  static func code(_ character: ArraySlice<UInt8>) -> UInt32 {
    guard let first = character.first, first >= 0x80 else {
      return character.first.map { UInt32($0) } ?? 0
    }
    let head = UInt32(first) & (0xFF >> UInt32(character.count + 1))
    return character.dropFirst().reduce(head) { $0 << 6 | UInt32($1 & 0x3F) }
  }
}
