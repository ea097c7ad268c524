/// Changes to parts of a text, from left to right, that keep who wrote what.
///
/// What takes the place of a part counts as the template's only where all of the part was.
struct TextEdits {
  private let text: SourcedText
  private let range: Range<Int>
  private var result = SourcedText()
  private var copied: Int

  /// Begins with none for a part of a text.
  init(_ text: SourcedText, _ range: Range<Int>) {
    self.text = text
    self.range = range
    copied = range.lowerBound
  }

  /// Replaces a part, which stands after those replaced before.
  ///
  /// Where nothing is replaced, what is put in counts as what follows it.
  mutating func replace(_ part: Range<Int>, with new: some Sequence<UInt8>) {
    result.append(text, copied..<part.lowerBound)
    let origin = part.isEmpty ? part.lowerBound..<min(part.lowerBound + 1, range.upperBound) : part
    let isTemplate = !origin.isEmpty && text.templateRanges(in: origin) == [origin]
    result.append(new, isTemplate: isTemplate)
    copied = part.upperBound
    hasEdits = true
  }

  /// Whether anything was replaced.
  private(set) var hasEdits = false

  /// Returns the text with all changes, or nil where there were none.
  consuming func finish() -> SourcedText? {
    guard hasEdits else { return nil }
    result.append(text, copied..<range.upperBound)
    return result
  }

  /// Returns a text with each character as a function makes it.
  ///
  /// - Parameter change: Gives the bytes that take a character's place, or nil to keep it.
  static func mapping(
    _ text: SourcedText, _ range: Range<Int>,
    _ change: (ClassifiedText.Character) -> [UInt8]?
  ) -> SourcedText? {
    let view = ClassifiedText(text.bytes, end: range.upperBound)
    var edits = TextEdits(text, range)
    var position = range.lowerBound
    while position < range.upperBound {
      let character = view.character(at: position)
      if let new = change(character) { edits.replace(position..<character.next, with: new) }
      position = character.next
    }
    return edits.finish()
  }
}
