/// Text that knows which of its bytes the template wrote.
package struct SourcedText: Sendable {
  /// The text, well-formed UTF-8.
  package private(set) var bytes: [UInt8] = []
  /// Where the template wrote, in ascending order; ranges that touch are one.
  package private(set) var templateRanges: [Range<Int>] = []

  /// Creates an empty text.
  package init() {}

  /// Joins the pieces of a prompt.
  package init(_ segments: [PromptSegment]) {
    bytes.reserveCapacity(segments.reduce(0) { $0 + $1.text.utf8.count })
    for segment in segments { append(segment.text.utf8, isTemplate: segment.source == .template) }
  }

  /// Adds bytes at the end.
  package mutating func append(_ new: some Sequence<UInt8>, isTemplate: Bool) {
    let start = bytes.count
    bytes += new
    guard isTemplate, bytes.count > start else { return }
    if let last = templateRanges.last, last.upperBound == start {
      templateRanges[templateRanges.count - 1] = last.lowerBound..<bytes.count
    } else {
      templateRanges.append(start..<bytes.count)
    }
  }

  /// Adds part of another text at the end.
  package mutating func append(_ other: SourcedText, _ range: Range<Int>) {
    var start = range.lowerBound
    for part in other.templateRanges(in: range) {
      append(other.bytes[start..<part.lowerBound], isTemplate: false)
      append(other.bytes[part], isTemplate: true)
      start = part.upperBound
    }
    append(other.bytes[start..<range.upperBound], isTemplate: false)
  }

  /// Returns the parts of a range that the template wrote, in ascending order.
  package func templateRanges(in range: Range<Int>) -> [Range<Int>] {
    guard !templateRanges.isEmpty else { return [] }
    // The first that ends after the range begins.
    var low = 0
    var high = templateRanges.count
    while low < high {
      let middle = (low + high) / 2
      if templateRanges[middle].upperBound <= range.lowerBound {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return templateRanges[low...].prefix { $0.lowerBound < range.upperBound }
      .map { $0.clamped(to: range) }
  }
}
