/// The endings `'s 't 're 've 'm 'll 'd`, which splitting patterns set apart from their word.
package enum EnglishContraction {
  /// Returns where a contraction that begins at `start` ends, or nil where there is none.
  ///
  /// - Parameter ignoringCase: Whether capitals count too, and with them U+017F, the long s,
  ///   which case folding makes an s.
  package static func end(
    from start: Int, in text: ClassifiedText, ignoringCase: Bool = false
  ) -> Int? {
    guard text.byte(at: start) == UInt8(ascii: "'") else { return nil }
    let mask: UInt8 = ignoringCase ? 0x20 : 0
    guard let first = text.byte(at: start + 1) else { return nil }
    let second = text.byte(at: start + 2)
    switch first | mask {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return start + 2
    case UInt8(ascii: "r") where second.map { $0 | mask } == UInt8(ascii: "e"),
      UInt8(ascii: "v") where second.map { $0 | mask } == UInt8(ascii: "e"),
      UInt8(ascii: "l") where second.map { $0 | mask } == UInt8(ascii: "l"):
      return start + 3
    default:
      return ignoringCase && first == 0xC5 && second == 0xBF ? start + 3 : nil
    }
  }
}
