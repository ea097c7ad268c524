import Tokenizers

extension TemplateString {
  /// The byte offsets of non-overlapping occurrences, left to right.
  ///
  /// - Complexity: linear in both lengths, whatever the texts (Knuth, Morris and Pratt), so that
  ///   the price asked of the budget is the price paid.
  func occurrences(
    of needle: TemplateString, limit: Int = .max, _ budget: TemplateBudget
  ) throws(TemplateError) -> [Int] {
    let pattern = needle.bytes
    try budget.charge(bytes: bytes.count + pattern.count)
    guard !pattern.isEmpty, pattern.count <= bytes.count, limit > 0 else { return [] }
    let borders = Self.borders(of: pattern)
    var found: [Int] = []
    var matched = 0
    for (offset, byte) in bytes.enumerated() {
      while matched > 0, pattern[matched] != byte { matched = borders[matched - 1] }
      if pattern[matched] == byte { matched += 1 }
      if matched == pattern.count {
        found.append(offset + 1 - matched)
        matched = 0
        if found.count == limit { break }
      }
    }
    try budget.charge(found.count)
    return found
  }

  /// For each prefix, the length of its longest proper prefix that is also its suffix.
  private static func borders(of pattern: [UInt8]) -> [Int] {
    var borders = Array(repeating: 0, count: pattern.count)
    var length = 0
    for index in pattern.indices.dropFirst() {
      while length > 0, pattern[index] != pattern[length] { length = borders[length - 1] }
      if pattern[index] == pattern[length] { length += 1 }
      borders[index] = length
    }
    return borders
  }

  /// The byte offset of the last occurrences, right to left, that do not overlap.
  func occurrencesFromEnd(
    of needle: TemplateString, limit: Int, _ budget: TemplateBudget
  ) throws(TemplateError) -> [Int] {
    let backward = TemplateString(bytes: bytes.reversed(), from: .content)
    let pattern = TemplateString(bytes: needle.bytes.reversed(), from: .content)
    let found = try backward.occurrences(of: pattern, limit: limit, budget)
    return found.map { bytes.count - $0 - pattern.bytes.count }
  }

  /// Whether another text occurs in this one.
  func contains(
    _ needle: TemplateString, _ budget: TemplateBudget
  ) throws(TemplateError) -> Bool {
    if needle.isEmpty { return true }
    return try !occurrences(of: needle, limit: 1, budget).isEmpty
  }

  /// Whether the text begins with another.
  func hasPrefix(_ prefix: TemplateString) -> Bool {
    bytes.starts(with: prefix.bytes)
  }

  /// Whether the text ends with another.
  func hasSuffix(_ suffix: TemplateString) -> Bool {
    bytes.count >= suffix.bytes.count && bytes.suffix(suffix.bytes.count) == suffix.bytes[...]
  }

  /// The text with occurrences replaced, at most `limit` of them; all marks are kept.
  func replacing(
    _ old: TemplateString, with new: TemplateString, limit: Int, _ budget: TemplateBudget
  ) throws(TemplateError) -> TemplateString {
    let found: [Int]
    if old.isEmpty {
      found = Array(offsets.prefix(limit))
      try budget.charge(found.count)
    } else {
      found = try occurrences(of: old, limit: limit, budget)
    }
    if found.isEmpty { return self }
    let added = found.count.multipliedReportingOverflow(by: new.bytes.count)
    if added.overflow { throw budget.exceeded(.output, "a replacement is too long") }
    try budget.reserve(
      bytes: bytes.count - found.count * old.bytes.count + added.partialValue)
    // A text of many marks pays for looking through them at each piece.
    try budget.charge(found.count + runs.count)
    var result = TemplateString()
    var cursor = PieceCursor(self)
    var end = 0
    for offset in found {
      cursor.append(end..<offset, to: &result)
      result.append(new)
      end = offset + old.bytes.count
    }
    cursor.append(end..<bytes.count, to: &result)
    return result
  }

  /// The pieces between separators found at byte offsets in ascending order.
  func pieces(between found: [Int], separatorLength: Int) -> [TemplateString] {
    var result: [TemplateString] = []
    var cursor = PieceCursor(self)
    var end = 0
    for offset in found {
      result.append(cursor.piece(end..<offset))
      end = offset + separatorLength
    }
    result.append(cursor.piece(end..<bytes.count))
    return result
  }

  /// The ranges of words between runs of white space.
  var words: [Range<Int>] {
    var result: [Range<Int>] = []
    var offset = 0
    var start: Int?
    for scalar in scalars {
      if scalar.isPythonSpace {
        if let begun = start { result.append(begun..<offset) }
        start = nil
      } else if start == nil {
        start = offset
      }
      offset += UTF8.width(scalar)
    }
    if let begun = start { result.append(begun..<offset) }
    return result
  }

  /// The ranges of lines, without their ends or with them, as Python's `splitlines`.
  func lines(keepingEnds: Bool) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = 0
    var offset = 0
    var afterReturn = false
    for scalar in scalars {
      let next = offset + UTF8.width(scalar)
      if afterReturn, scalar == "\n" {
        if keepingEnds, let last = result.popLast() { result.append(last.lowerBound..<next) }
        start = next
      } else if scalar.isPythonLineEnd {
        result.append(start..<(keepingEnds ? next : offset))
        start = next
      }
      afterReturn = scalar == "\r"
      offset = next
    }
    if start < bytes.count { result.append(start..<bytes.count) }
    return result
  }
}

/// Cuts pieces from a text in ascending order without looking through all its marks each time.
struct PieceCursor {
  private let text: TemplateString
  private var run = 0
  private var runStart = 0

  /// Stands at the text's start.
  init(_ text: TemplateString) {
    self.text = text
  }

  /// Adds a part that begins at or after the last one's start.
  mutating func append(_ range: Range<Int>, to result: inout TemplateString) {
    var offset = range.lowerBound
    while offset < range.upperBound, run < text.runs.count {
      let runEnd = runStart + text.runs[run].length
      if offset >= runEnd {
        runStart = runEnd
        run += 1
        continue
      }
      let end = min(runEnd, range.upperBound)
      result.append(bytes: text.bytes[offset..<end], from: text.runs[run].source)
      offset = end
    }
  }

  /// A part that begins at or after the last one's start.
  mutating func piece(_ range: Range<Int>) -> TemplateString {
    var result = TemplateString()
    append(range, to: &result)
    return result
  }
}
