import Platform

/// Documents as tokens.
///
/// A file of them is little-endian: `APUSTOK1`, the vocabulary's size, the number of documents and of tokens (each
/// UInt64), the vocabulary's SHA-256, the end of each document (UInt64), the tokens (UInt16, or UInt32 where
/// the vocabulary has more than 65,536), and the SHA-256 of all before it.
package struct TokenCorpus: Sendable, Hashable {
  /// The size of the vocabulary.
  package let vocabulary: Int
  /// What tells the vocabulary from others, 32 bytes.
  package let vocabularyDigest: [UInt8]
  /// All tokens, document after document.
  package private(set) var tokens: [UInt32] = []
  /// Where each document ends.
  package private(set) var ends: [Int] = []

  private static let magic = Array("APUSTOK1".utf8)
  private static let headerBytes = 64
  private static let digestBytes = 32

  /// Creates a corpus without documents.
  package init(vocabulary: Int, vocabularyDigest: [UInt8]) throws(TrainingError) {
    guard (1...Int(Int32.max)).contains(vocabulary), vocabularyDigest.count == Self.digestBytes
    else {
      throw TrainingError(
        .configuration, field: "vocabulary",
        "\(vocabulary) entries and a digest of \(vocabularyDigest.count) bytes")
    }
    self.vocabulary = vocabulary
    self.vocabularyDigest = vocabularyDigest
  }

  /// The tokens of a document.
  package func document(_ number: Int) -> ArraySlice<UInt32> {
    tokens[start(of: number)..<ends[number]]
  }

  /// Where a document begins.
  func start(of number: Int) -> Int { number == 0 ? 0 : ends[number - 1] }

  /// Adds a document.
  package mutating func append(_ document: [UInt32]) throws(TrainingError) {
    if let token = document.first(where: { Int($0) >= vocabulary }) {
      throw TrainingError(
        .data, field: "document \(ends.count)", "token \(token) of \(vocabulary)")
    }
    tokens += document
    ends.append(tokens.count)
  }

  /// The bytes of a file.
  package func encoded() -> [UInt8] {
    var bytes = Self.magic
    for value in [vocabulary, ends.count, tokens.count] { bytes.append(little: UInt64(value)) }
    bytes += vocabularyDigest
    for end in ends { bytes.append(little: UInt64(end)) }
    for token in tokens {
      if isNarrow { bytes.append(little: UInt16(token)) } else { bytes.append(little: token) }
    }
    return bytes + SHA256.hash(bytes)
  }

  /// Reads the bytes of a file, and checks everything.
  package init(decoding bytes: [UInt8]) throws(TrainingError) {
    let smallest = Self.headerBytes + Self.digestBytes
    guard bytes.count >= smallest, bytes.starts(with: Self.magic) else {
      throw TrainingError(
        .corrupt, field: "corpus", "\(bytes.count) bytes that do not begin as a corpus does")
    }
    let body = bytes.count - Self.digestBytes
    guard SHA256.hash(bytes[..<body]) == Array(bytes[body...]) else {
      throw TrainingError(.corrupt, field: "corpus", "the SHA-256 is another")
    }
    let counts = (0..<3).map { bytes.little(UInt64.self, at: 8 + 8 * $0) }
    guard let vocabulary = Int(exactly: counts[0]), let documents = Int(exactly: counts[1]),
      let tokens = Int(exactly: counts[2])
    else {
      throw TrainingError(.corrupt, field: "corpus", "counts of \(counts)")
    }
    try self.init(
      vocabulary: vocabulary, vocabularyDigest: Array(bytes[32..<Self.headerBytes]))
    try read(bytes[Self.headerBytes..<body], documents: documents, tokens: tokens)
  }

  /// Whether tokens take 16 bits in files.
  private var isNarrow: Bool { vocabulary <= 1 << 16 }

  private mutating func read(
    _ bytes: ArraySlice<UInt8>, documents: Int, tokens: Int
  ) throws(TrainingError) {
    let width = isNarrow ? 2 : 4
    let (ends, endsOverflow) = documents.multipliedReportingOverflow(by: 8)
    let (values, overflow) = tokens.multipliedReportingOverflow(by: width)
    let (needed, sumOverflow) = ends.addingReportingOverflow(values)
    guard !endsOverflow, !overflow, !sumOverflow, needed == bytes.count else {
      throw TrainingError(
        .corrupt, field: "corpus",
        "\(documents) documents and \(tokens) tokens do not fit \(bytes.count) bytes")
    }
    let content = Array(bytes)
    var last: UInt64 = 0
    for number in 0..<documents {
      let end = content.little(UInt64.self, at: 8 * number)
      guard end >= last, end <= UInt64(tokens) else {
        throw TrainingError(.corrupt, field: "document \(number)", "it ends at \(end)")
      }
      self.ends.append(Int(end))
      last = end
    }
    guard last == UInt64(tokens) else {
      throw TrainingError(.corrupt, field: "corpus", "documents end at \(last) of \(tokens)")
    }
    self.tokens = (0..<tokens).map { index in
      let place = ends + width * index
      return isNarrow
        ? UInt32(content.little(UInt16.self, at: place)) : content.little(UInt32.self, at: place)
    }
    if let token = self.tokens.first(where: { Int($0) >= vocabulary }) {
      throw TrainingError(.corrupt, field: "tokens", "token \(token) of \(vocabulary)")
    }
  }
}

extension [UInt8] {
  /// Appends an integer, the lowest byte first.
  mutating func append(little value: some FixedWidthInteger) {
    var rest = value
    for _ in 0..<value.bitWidth / 8 {
      append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  /// Reads an integer, the lowest byte first, from within the bounds.
  func little<Value: FixedWidthInteger>(_: Value.Type, at place: Int) -> Value {
    (0..<Value.bitWidth / 8).reduce(0) { $0 | Value(self[place + $1]) << (8 * $1) }
  }
}
