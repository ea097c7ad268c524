import NIOCore

/// What is known of a request before its head is whole.
struct RequestLine {
  /// Whether the first line has ended.
  private(set) var hasEnded = false
  /// Whether the first line is that of an HTTP/1 request, whatever its method.
  private(set) var hasForm = false

  /// Takes note of bytes, which begin with the line if they are the first.
  mutating func append(_ bytes: ByteBufferView, isFirst: Bool) {
    if isFirst { self = RequestLine() }
    guard !hasEnded, let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return }
    hasEnded = true
    guard isFirst, end - bytes.startIndex < 16 << 10 else { return }
    let words = bytes[..<end].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    hasForm =
      words.count == 3 && (1...32).contains(words[0].count)
      && words[0].allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
      && (words[2].elementsEqual("HTTP/1.1\r".utf8) || words[2].elementsEqual("HTTP/1.0\r".utf8))
  }
}
