import Tokenizers

/// A text that knows, byte for byte, whether the template or a message wrote it.
///
/// The rule of provenance: literals and special tokens of the template are `.template`, every
/// string that came with a conversation is `.content`. Joining, cutting, trimming, indenting and
/// replacing keep each byte's mark. Any other operation marks its whole result `.content` if any
/// byte that went in was. No operation turns content into template. Numbers, booleans and none
/// have no mark: what they print is `.template`, since no spelling of theirs can be a token's.
///
/// The bytes are UTF-8, cut only between scalars; lengths and indices of the language count
/// scalars, as Python does.
struct TemplateString: Sendable {
  /// Neighbouring bytes with one mark.
  struct Run: Sendable, Hashable {
    var length: Int
    var source: PromptSegment.Source
  }

  /// The text in UTF-8.
  private(set) var bytes: [UInt8] = []
  /// The marks; lengths are positive and sum to the number of bytes, neighbours differ.
  private(set) var runs: [Run] = []

  /// Creates an empty text.
  init() {}

  /// Creates a text with one mark.
  init(_ text: String, from source: PromptSegment.Source = .template) {
    self.init(bytes: Array(text.utf8), from: source)
  }

  /// Creates a text with one mark from bytes that are UTF-8.
  init(bytes: [UInt8], from source: PromptSegment.Source) {
    self.bytes = bytes
    if !bytes.isEmpty { runs = [Run(length: bytes.count, source: source)] }
  }

  /// Whether there is no text.
  var isEmpty: Bool { bytes.isEmpty }

  /// The mark of a result that is computed from the whole text.
  var source: PromptSegment.Source {
    runs.contains { $0.source == .content } ? .content : .template
  }

  /// The text without its marks.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The pieces of a prompt, in order.
  var segments: [PromptSegment] {
    var result: [PromptSegment] = []
    var start = 0
    for run in runs {
      let end = start + run.length
      let text = String(decoding: bytes[start..<end], as: UTF8.self)
      result.append(PromptSegment(text, from: run.source))
      start = end
    }
    return result
  }

  /// Adds a text at the end.
  mutating func append(_ other: TemplateString) {
    bytes.append(contentsOf: other.bytes)
    for run in other.runs { append(run) }
  }

  /// Adds a part of a text at the end.
  mutating func append(_ other: TemplateString, _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    bytes.append(contentsOf: other.bytes[range])
    var start = 0
    for run in other.runs {
      let end = start + run.length
      let length = min(end, range.upperBound) - max(start, range.lowerBound)
      if length > 0 { append(Run(length: length, source: run.source)) }
      start = end
      if start >= range.upperBound { break }
    }
  }

  /// Adds bytes with one mark at the end.
  mutating func append(bytes other: some Collection<UInt8>, from source: PromptSegment.Source) {
    guard !other.isEmpty else { return }
    bytes.append(contentsOf: other)
    append(Run(length: other.count, source: source))
  }

  private mutating func append(_ run: Run) {
    if let last = runs.last, last.source == run.source {
      runs[runs.count - 1].length += run.length
    } else {
      runs.append(run)
    }
  }

  /// The part between two byte offsets, marks kept.
  subscript(range: Range<Int>) -> TemplateString {
    if range.lowerBound == 0, range.upperBound == bytes.count { return self }
    var result = TemplateString()
    result.append(self, range)
    return result
  }
}

extension TemplateString {
  /// The number of Unicode scalars.
  var count: Int {
    var result = 0
    for byte in bytes where byte & 0xC0 != 0x80 { result += 1 }
    return result
  }

  /// The byte offset at which each scalar begins, and at last the number of bytes.
  var offsets: [Int] {
    var result: [Int] = []
    result.reserveCapacity(bytes.count + 1)
    for (offset, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 { result.append(offset) }
    result.append(bytes.count)
    return result
  }

  /// The scalars, in order.
  var scalars: String.UnicodeScalarView { text.unicodeScalars }

  /// The range of the part that remains when scalars are taken off both ends.
  func trimmed(
    start: Bool = true, end: Bool = true, _ isTrimmed: (Unicode.Scalar) -> Bool
  ) -> Range<Int> {
    var lower = 0
    var upper = bytes.count
    let all = scalars
    if start {
      for scalar in all {
        guard isTrimmed(scalar) else { break }
        lower += UTF8.width(scalar)
      }
    }
    if end, lower < upper {
      for scalar in all.reversed() {
        guard isTrimmed(scalar), upper > lower else { break }
        upper -= UTF8.width(scalar)
      }
    }
    return lower..<upper
  }

  /// The text repeated; the caller has checked the length.
  func repeated(_ times: Int) -> TemplateString {
    var result = TemplateString()
    for _ in 0..<max(0, times) { result.append(self) }
    return result
  }
}

extension Unicode.Scalar {
  /// Whether Python's `str.isspace` holds.
  var isPythonSpace: Bool {
    switch value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F,
      0x205F, 0x3000:
      true
    default: false
    }
  }

  /// Whether Python's `str.splitlines` ends a line here.
  var isPythonLineEnd: Bool {
    switch value {
    case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }
}
