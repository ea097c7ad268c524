import NIOCore

/// The first line of a request whose head is incomplete.
struct RequestLine {
  /// The bytes of the first line that are known.
  private(set) var length = 0
  /// Whether the first line is that of an HTTP/1 request, whatever its method.
  private(set) var hasForm = false
  private var hasEnded = false

  /// Takes note of bytes, which begin with the line if they are the first.
  mutating func append(_ bytes: ByteBufferView, isFirst: Bool) {
    if isFirst { self = RequestLine() }
    guard !hasEnded else { return }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    length += line.count
    hasEnded = line.count < bytes.count
    guard isFirst, hasEnded, length < 1 << 10 else { return }
    let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    hasForm =
      words.count == 3 && RequestRules.isMethod(words[0])
      && (words[2].elementsEqual("HTTP/1.1\r".utf8) || words[2].elementsEqual("HTTP/1.0\r".utf8))
  }
}
