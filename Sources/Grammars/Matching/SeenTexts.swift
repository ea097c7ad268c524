/// Texts and sets of texts, kept once each.
struct SeenTexts {
  /// The text of a lexeme whose texts need not differ.
  static let untracked: UInt32 = 0
  /// The empty text.
  static let emptyText: UInt32 = 1
  /// The set without texts.
  static let none: UInt32 = 0
  /// A set that nothing is added to, of a row that stands for rows of all sets.
  static let unknown = UInt32.max

  /// Each text as the one without its last byte, and that byte.
  private var texts = WordTable()
  private var lengths: [Int32] = []
  /// Each set as the one without its last text, and that text.
  private var sets = WordTable()

  /// Creates the empty text and the empty set.
  init() {
    _ = texts.insert([0, 256])
    _ = texts.insert([0, 257])
    lengths = [0, 0]
    _ = sets.insert([0, 0])
  }

  /// Memory that the texts hold, about.
  var byteCount: Int { texts.byteCount + sets.byteCount + 4 * lengths.count }

  /// A text with one more byte.
  mutating func appending(_ byte: UInt8, to text: UInt32) -> UInt32 {
    if text == Self.untracked { return text }
    let (index, isNew) = texts.insert([text, UInt32(byte)])
    if isNew { lengths.append(lengths[Int(text)] + 1) }
    return UInt32(index)
  }

  /// A set with one more text.
  mutating func inserting(_ text: UInt32, into set: UInt32) -> UInt32 {
    UInt32(sets.insert([set, text]).index)
  }

  /// Whether a text is in a set.
  func contains(_ set: UInt32, _ text: UInt32) -> Bool {
    var set = set
    while set != Self.none, set != Self.unknown {
      if sets.word(Int(set), 1) == text { return true }
      set = sets.word(Int(set), 0)
    }
    return false
  }

  /// What follows a text in each text of a set that begins with it.
  func rests(_ set: UInt32, after text: UInt32) -> [[UInt8]] {
    var (result, set) = ([[UInt8]](), set)
    while set != Self.none, set != Self.unknown {
      var current = sets.word(Int(set), 1)
      var rest: [UInt8] = []
      while lengths[Int(current)] > lengths[Int(text)] {
        rest.append(UInt8(truncatingIfNeeded: texts.word(Int(current), 1)))
        current = texts.word(Int(current), 0)
      }
      if current == text { result.append(rest.reversed()) }
      set = sets.word(Int(set), 0)
    }
    return result
  }

  /// The bytes of a text.
  func bytes(_ text: UInt32) -> [UInt8] {
    var (current, result) = (text, [UInt8]())
    while lengths[Int(current)] > 0 {
      result.append(UInt8(truncatingIfNeeded: texts.word(Int(current), 1)))
      current = texts.word(Int(current), 0)
    }
    return result.reversed()
  }

  /// The text here of a text of other texts.
  mutating func adopt(text: UInt32, of other: SeenTexts) -> UInt32 {
    if text == Self.untracked { return text }
    return other.bytes(text).reduce(Self.emptyText) { appending($1, to: $0) }
  }

  /// The set here of a set of other texts.
  mutating func adopt(set: UInt32, of other: SeenTexts) -> UInt32 {
    if set == Self.unknown { return set }
    var (current, list) = (set, [UInt32]())
    while current != Self.none {
      list.append(other.sets.word(Int(current), 1))
      current = other.sets.word(Int(current), 0)
    }
    return list.reversed().reduce(Self.none) { result, text in
      inserting(adopt(text: text, of: other), into: result)
    }
  }
}
