/// Why bytes were refused as JSON, and where.
public struct JSONError: Error, Sendable, Hashable {
  /// The rule that was broken.
  #if hasAttribute(nonexhaustive)
    @nonexhaustive
  #endif
  public enum Kind: String, Sendable {
    /// The document ends inside a value, or is empty.
    case unexpectedEnd
    /// A byte that cannot stand here: a stray comma, a comment, a misspelt literal.
    case unexpectedByte
    /// Bytes follow the end of the document.
    case trailingBytes
    /// The document begins with a byte order mark.
    case byteOrderMark
    /// A control character stands in a string without an escape.
    case controlCharacter
    /// An escape that JSON does not know, or an incomplete one.
    case invalidEscape
    /// Half of a surrogate pair.
    case loneSurrogate
    /// Bytes in a string that are not UTF-8.
    case invalidUTF8
    /// A number that breaks the grammar, such as one with a leading zero.
    case invalidNumber
    /// A number beyond the range of a double, or written with too many digits.
    case numberOutOfRange
    /// A name that the object already has, after unescaping.
    case duplicateName
    /// Containers nest deeper than the limit.
    case tooDeep
    /// The document has more values than the limit.
    case tooManyValues
  }

  /// The rule that was broken.
  public let kind: Kind
  /// The position of the first byte at fault, counted from zero.
  public let offset: Int

  /// Creates an error.
  public init(_ kind: Kind, at offset: Int) {
    self.kind = kind
    self.offset = offset
  }
}

extension JSONError: CustomStringConvertible {
  /// One sentence that names the fault and its place.
  public var description: String { "\(sentence) at byte \(offset)" }

  private var sentence: String {
    switch kind {
    case .unexpectedEnd: "the document ends too early"
    case .unexpectedByte: "unexpected byte"
    case .trailingBytes: "something follows the end of the document"
    case .byteOrderMark: "a byte order mark is not allowed"
    case .controlCharacter: "a control character in a string must be escaped"
    case .invalidEscape: "invalid escape"
    case .loneSurrogate: "half of a surrogate pair"
    case .invalidUTF8: "a string is not valid UTF-8"
    case .invalidNumber: "invalid number"
    case .numberOutOfRange: "a number is out of range"
    case .duplicateName: "an object has the same name twice"
    case .tooDeep: "containers nest too deep"
    case .tooManyValues: "the document has too many values"
    }
  }
}
