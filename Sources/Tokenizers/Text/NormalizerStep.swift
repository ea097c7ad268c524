/// A change to text before it is cut into words, as published vocabularies ask for it.
package enum NormalizerStep: Sendable, Hashable {
  /// Unicode's normalization forms.
  case form(UnicodeForm)
  /// Lower case, character by character.
  case lowercase
  /// Characters of category Mn are left out.
  case withoutNonspacingMarks
  /// All combining marks are left out.
  case withoutMarks
  /// Controls are left out, and white space is written as spaces.
  case clean
  /// Spaces stand around each character of Han.
  case spacedHan
  /// A string takes the place of each occurrence of another that is not empty.
  case replace([UInt8], by: [UInt8])
  /// Several spaces are one.
  case singleSpaces
  /// A string stands in front of every text that is not empty.
  case prepend([UInt8])
  /// White space at the ends is left out.
  case strip(left: Bool, right: Bool)
  /// Spaces at the ends are left out.
  case stripSpaces
  /// White space is single spaces between words.
  case words
  /// What a map has for characters takes their place: the longest match, or by grapheme clusters.
  case characterMap(CharacterMap, byCluster: Bool)

  private static let space = UInt8(ascii: " ")

  /// Returns what part of a text becomes, or nil where it stays as it is.
  ///
  /// - Complexity: O(*n* log *n*) in the longest run of marks, O(*n*) in all else.
  func apply(to text: SourcedText, _ range: Range<Int>) -> SourcedText? {
    switch self {
    case .form(let form): form.composition.compose(text, range)
    case .lowercase: TextEdits.mapping(text, range, Self.lowercased)
    case .withoutNonspacingMarks:
      TextEdits.mapping(text, range) { Self.isNonspacing($0) ? [] : nil }
    case .withoutMarks: TextEdits.mapping(text, range) { $0.isIn(.mark) ? [] : nil }
    case .clean: TextEdits.mapping(text, range, Self.cleaned)
    case .spacedHan: TextEdits.mapping(text, range) { Self.spacedHan($0, text.bytes) }
    case .replace(let old, let new): Self.replace(old, new, text, range)
    case .singleSpaces: Self.singleSpaces(text, range)
    case .prepend(let prefix): Self.prepend(prefix, text, range)
    case .strip(let left, let right): Self.strip(text, range, left: left, right: right)
    case .stripSpaces: Self.stripSpaces(text, range)
    case .words: Self.words(text, range)
    case .characterMap(let map, let byCluster):
      byCluster ? map.applyByCluster(to: text, range) : map.apply(to: text, range)
    }
  }

  private static func lowercased(_ character: ClassifiedText.Character) -> [UInt8]? {
    if character.code < 0x80 {
      let isUpper = (0x41...0x5A).contains(character.code)
      return isUpper ? [UInt8(truncatingIfNeeded: character.code) | 0x20] : nil
    }
    guard let scalar = Unicode.Scalar(character.code), scalar.properties.changesWhenLowercased
    else { return nil }
    return Array(scalar.properties.lowercaseMapping.utf8)
  }

  private static func isNonspacing(_ character: ClassifiedText.Character) -> Bool {
    character.isIn(.mark)
      && Unicode.Scalar(character.code)?.properties.generalCategory == .nonspacingMark
  }

  private static func cleaned(_ character: ClassifiedText.Character) -> [UInt8]? {
    switch character.code {
    case 0x20: return nil
    case 0x09, 0x0A, 0x0D: return [space]
    case 0, 0xFFFD: return []
    default: break
    }
    guard let scalar = Unicode.Scalar(character.code) else { return nil }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse: return []
    default: return character.isIn(.whitespace) ? [space] : nil
    }
  }

  /// The blocks that the tokenizer of BERT takes for Chinese.
  private static let hanBlocks = ScalarSet(
    [],
    [
      0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B73F,
      0x2B740...0x2B81F, 0x2B920...0x2CEAF, 0x2F800...0x2FA1F,
    ])

  private static func spacedHan(
    _ character: ClassifiedText.Character, _ bytes: [UInt8]
  ) -> [UInt8]? {
    guard character.code >= 0x3400, hanBlocks.contains(character) else { return nil }
    let start = character.next - (character.code < 0x1_0000 ? 3 : 4)
    return [space] + bytes[start..<character.next] + [space]
  }
}

extension NormalizerStep {
  private static func replace(
    _ old: [UInt8], _ new: [UInt8], _ text: SourcedText, _ range: Range<Int>
  ) -> SourcedText? {
    guard !old.isEmpty else { return nil }
    let automaton = PatternAutomaton([old])
    var edits = TextEdits(text, range)
    var state: PatternAutomaton.State = 0
    for position in range {
      state = automaton.next(after: state, text.bytes[position])
      guard automaton.match(at: state) != nil else { continue }
      edits.replace((position + 1 - old.count)..<(position + 1), with: new)
      state = 0
    }
    return edits.finish()
  }

  private static func prepend(
    _ prefix: [UInt8], _ text: SourcedText, _ range: Range<Int>
  ) -> SourcedText? {
    guard !range.isEmpty, !prefix.isEmpty else { return nil }
    var edits = TextEdits(text, range)
    edits.replace(range.lowerBound..<range.lowerBound, with: prefix)
    return edits.finish()
  }

  private static func singleSpaces(_ text: SourcedText, _ range: Range<Int>) -> SourcedText? {
    var edits = TextEdits(text, range)
    var position = range.lowerBound
    while position < range.upperBound {
      var end = position
      while end < range.upperBound, text.bytes[end] == space { end += 1 }
      if end > position + 1 { edits.replace(position..<end, with: [space]) }
      position = max(end, position + 1)
    }
    return edits.finish()
  }

  private static func strip(
    _ text: SourcedText, _ range: Range<Int>, left: Bool, right: Bool
  ) -> SourcedText? {
    let view = ClassifiedText(text.bytes, end: range.upperBound)
    let start = left ? view.whitespace(from: range.lowerBound).end : range.lowerBound
    let end =
      right ? view.startOfSpace(before: range.upperBound, notBefore: start) : range.upperBound
    guard start..<end != range else { return nil }
    var result = SourcedText()
    result.append(text, start..<end)
    return result
  }

  private static func stripSpaces(_ text: SourcedText, _ range: Range<Int>) -> SourcedText? {
    let bytes = text.bytes[range]
    guard bytes.first == space || bytes.last == space else { return nil }
    var result = SourcedText()
    if let first = bytes.firstIndex(where: { $0 != space }),
      let last = bytes.lastIndex(where: { $0 != space })
    {
      result.append(text, first..<(last + 1))
    }
    return result
  }

  private static func words(_ text: SourcedText, _ range: Range<Int>) -> SourcedText? {
    let view = ClassifiedText(text.bytes, end: range.upperBound)
    var edits = TextEdits(text, range)
    var position = range.lowerBound
    while position < range.upperBound {
      let end = view.whitespace(from: position).end
      guard end > position else {
        position = view.endOfRun(outside: .whitespace, from: position)
        continue
      }
      let isInside = position > range.lowerBound && end < range.upperBound
      if !isInside || end > position + 1 || text.bytes[position] != space {
        edits.replace(position..<end, with: isInside ? [space] : [])
      }
      position = end
    }
    return edits.finish()
  }
}

/// Unicode's normalization forms.
package enum UnicodeForm: String, Sendable, Hashable {
  /// Canonical composition.
  case nfc = "NFC"
  /// Canonical decomposition.
  case nfd = "NFD"
  /// Compatibility composition.
  case nfkc = "NFKC"
  /// Compatibility decomposition.
  case nfkd = "NFKD"

  /// What makes text of this form.
  var composition: CanonicalComposition {
    switch self {
    case .nfc: .shared
    case .nfd: .decomposing
    case .nfkc: .compatible
    case .nfkd: .decomposingCompatible
    }
  }
}
