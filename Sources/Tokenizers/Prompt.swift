/// What a model reads: tokens, and attachments that stand in the place of some of them.
///
/// A prompt is the collection of its tokens. Its attachments were checked when it was made, and what is
/// changed afterwards, tokens in place or at the end, leaves them where they are.
public struct Prompt: Sendable {
  /// The tokens; placeholders where attachments are.
  public private(set) var tokens: [Token]
  /// The attachments, in the order of their positions, of which no two overlap.
  public let attachments: [Attachment]

  /// Creates a prompt of tokens alone.
  public init(_ tokens: [Token]) {
    self.tokens = tokens
    attachments = []
  }

  /// Creates a prompt with attachments.
  ///
  /// - Throws: A `PromptError` when an attachment has no position, positions that the prompt has not, or
  ///   does not follow the one before it.
  public init(tokens: [Token], attachments: [Attachment]) throws(PromptError) {
    var end = 0
    for (index, attachment) in attachments.enumerated() {
      let range = attachment.range
      guard !range.isEmpty else { throw .emptyAttachment(index: index) }
      guard range.lowerBound >= 0, range.upperBound <= tokens.count else {
        throw .attachmentOutside(index: index, range: range, tokens: tokens.count)
      }
      guard range.lowerBound >= end else {
        throw .attachmentsOverlap(index: index, start: range.lowerBound, end: end)
      }
      end = range.upperBound
    }
    self.tokens = tokens
    self.attachments = attachments
  }

  /// Adds a token at the end.
  public mutating func append(_ token: Token) {
    tokens.append(token)
  }

  /// Adds tokens at the end.
  public mutating func append(contentsOf more: some Sequence<Token>) {
    tokens.append(contentsOf: more)
  }

  /// Adds tokens at the end.
  public static func += (prompt: inout Prompt, more: some Sequence<Token>) {
    prompt.append(contentsOf: more)
  }
}

extension Prompt {
  /// Something other than text in a prompt, such as an image: rows that an encoder makes of it take the
  /// place of the embeddings of placeholder tokens.
  public struct Attachment: Sendable {
    /// The positions of its placeholders, as many as it has rows.
    public let range: Range<Int>
    /// Names its content and how it is encoded; equal for equal rows only.
    public let digest: AttachmentDigest
    /// What the encoder reads, in the form that it expects.
    public let payload: any Sendable

    /// Creates an attachment.
    public init(range: Range<Int>, digest: AttachmentDigest, payload: any Sendable) {
      self.range = range
      self.digest = digest
      self.payload = payload
    }
  }
}

extension Prompt.Attachment: Hashable {
  /// Payloads are equal where digests are.
  public static func == (first: Self, second: Self) -> Bool {
    first.range == second.range && first.digest == second.digest
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(range)
    hasher.combine(digest)
  }
}

extension Prompt: Hashable {}

extension Prompt: ExpressibleByArrayLiteral {
  public init(arrayLiteral tokens: Token...) {
    self.init(tokens)
  }
}

extension Prompt: RandomAccessCollection, MutableCollection {
  public var startIndex: Int { tokens.startIndex }
  public var endIndex: Int { tokens.endIndex }

  public subscript(position: Int) -> Token {
    get { tokens[position] }
    set { tokens[position] = newValue }
  }
}
