/// Why a model file was refused: what is wrong, with which part of the file, and where.
public struct ModelError: Error, Sendable, Hashable {
  /// The class of a fault.
  #if hasAttribute(nonexhaustive)
    @nonexhaustive
  #endif
  public enum Kind: String, Sendable {
    /// The file could not be opened or read, or is no regular file.
    case unreadable
    /// The file is not of this format, or of a version that is not supported.
    case unsupported
    /// The file ends before a part that it declares.
    case truncated
    /// A declared count or size is beyond its limit, or cannot fit the file.
    case limit
    /// A value breaks the format's rules.
    case invalid
    /// The same key or tensor name stands twice.
    case duplicate
    /// Two tensors share bytes, or bytes between tensors belong to none.
    case layout
    /// A key or tensor that the architecture needs is not there.
    case missing
    /// A weight is NaN or infinite.
    case notFinite
    /// The content does not match its recorded hash.
    case corrupt
  }

  /// The class of the fault.
  public let kind: Kind
  /// The key, tensor or header field at fault, as the file names it.
  public let field: String
  /// Where in the file, in bytes, if one place is at fault.
  public let offset: UInt64?
  /// What is wrong, with the value found and the value allowed.
  public let detail: String

  /// Creates an error.
  public init(_ kind: Kind, field: String, offset: UInt64? = nil, _ detail: String) {
    self.kind = kind
    self.field = field
    self.offset = offset
    self.detail = detail
  }
}

extension ModelError: CustomStringConvertible {
  /// One line: kind, field, offset and detail.
  public var description: String {
    let place = offset.map { " at byte \($0)" } ?? ""
    return "\(kind.rawValue): \(field)\(place): \(detail)"
  }
}
