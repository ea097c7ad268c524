/// What is done to text before it is cut into words.
package struct TextNormalizer: Sendable, Hashable {
  /// When a space is put in front of a text.
  package enum SpacePrefix: Sendable, Hashable {
    /// Never.
    case none
    /// Before every text, also one that begins with a space.
    case always
    /// Before every text that does not begin with a space.
    case unlessPresent
    /// Before the text at the beginning of a prompt, unless it begins with a space.
    case firstUnlessPresent
  }

  /// What is done first, in order.
  package var steps: [NormalizerStep] = []
  /// Whether text is composed canonically.
  package var composes = false
  /// Whether U+2581 means a space, so that no piece can tell the two apart.
  package var readsMarkAsSpace = false
  /// When a space is put in front.
  package var prefix = SpacePrefix.none

  private static let mark = Array("\u{2581}".utf8)
  private static let space = UInt8(ascii: " ")

  /// Creates a normalizer that does nothing.
  package init() {}

  /// Returns what part of a text becomes, or nil where it stays as it is.
  ///
  /// - Parameter isFirst: Whether the part stands at the beginning of a prompt.
  package func apply(
    to text: SourcedText, _ range: Range<Int>, isFirst: Bool
  ) -> SourcedText? {
    guard !isIdentity, !range.isEmpty else { return nil }
    guard steps.isEmpty else { return applyAll(to: text, range, isFirst: isFirst) }
    let composed = composes ? CanonicalComposition.shared.compose(text, range) : nil
    let source = composed ?? text
    let sourceRange = composed.map { 0..<$0.bytes.count } ?? range
    let adds = addsSpace(before: source.bytes[sourceRange], isFirst: isFirst)
    let marks = readsMarkAsSpace ? Self.marks(in: source.bytes, sourceRange) : []
    guard adds || !marks.isEmpty else { return composed }
    var result = SourcedText()
    if adds {
      let first = sourceRange.lowerBound
      let isTemplate = source.templateRanges(in: first..<(first + 1)) != []
      result.append(CollectionOfOne(Self.space), isTemplate: isTemplate)
    }
    var start = sourceRange.lowerBound
    for mark in marks {
      result.append(source, start..<mark)
      start = mark + Self.mark.count
      let isTemplate = source.templateRanges(in: mark..<start) == [mark..<start]
      result.append(CollectionOfOne(Self.space), isTemplate: isTemplate)
    }
    result.append(source, start..<sourceRange.upperBound)
    return result
  }

  private var isIdentity: Bool {
    steps.isEmpty && !composes && !readsMarkAsSpace && prefix == .none
  }

  private func applyAll(to text: SourcedText, _ range: Range<Int>, isFirst: Bool) -> SourcedText? {
    var rest = self
    rest.steps = []
    var changed: SourcedText?
    for step in steps {
      let current = changed ?? text
      let part = changed.map { 0..<$0.bytes.count } ?? range
      changed = step.apply(to: current, part) ?? changed
    }
    let part = changed.map { 0..<$0.bytes.count } ?? range
    return rest.apply(to: changed ?? text, part, isFirst: isFirst) ?? changed
  }

  /// Returns what a piece of a vocabulary stands for.
  package func text(of piece: String) -> [UInt8] {
    guard readsMarkAsSpace else { return Array(piece.utf8) }
    var text: [UInt8] = []
    for scalar in piece.unicodeScalars {
      let bytes = scalar == "\u{2581}" ? UTF8.encode(" ") : UTF8.encode(scalar)
      text += bytes.map { Array($0) } ?? []
    }
    return text
  }

  private func addsSpace(before text: ArraySlice<UInt8>, isFirst: Bool) -> Bool {
    switch prefix {
    case .none: return false
    case .always: return true
    case .firstUnlessPresent where !isFirst: return false
    case .unlessPresent, .firstUnlessPresent:
      let isPresent =
        text.first == Self.space || readsMarkAsSpace && text.starts(with: Self.mark)
      return !isPresent
    }
  }

  private static func marks(in bytes: [UInt8], _ range: Range<Int>) -> [Int] {
    guard let lead = mark.first else { return [] }
    return range.filter { bytes[$0] == lead && bytes[$0..<range.upperBound].starts(with: mark) }
  }
}
