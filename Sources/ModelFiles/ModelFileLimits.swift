/// The bounds that a model file must keep; each is checked before memory of that size is asked for.
package struct ModelFileLimits: Sendable, Hashable {
  /// The limits of the product.
  package static let standard = ModelFileLimits()

  /// The most bytes in one string.
  package var stringBytes: UInt64 = 16 << 20
  /// The most elements in one array.
  package var arrayElements: UInt64 = 16 << 20
  /// The most metadata entries.
  package var metadataEntries: UInt64 = 64 << 10
  /// The most tensors.
  package var tensors: UInt64 = 64 << 10
  /// The most bytes in one metadata key.
  package var keyBytes: UInt64 = 64 << 10
  /// The most bytes in one tensor name; the format's own figure.
  package var tensorNameBytes: UInt64 = 64
  /// The numbers of dimensions a tensor may have.
  package var dimensions: ClosedRange<UInt64> = 1...4
  /// The alignments a file may declare; only powers of two among them pass.
  package var alignment: ClosedRange<UInt64> = 8...(64 << 10)
  /// The most bytes in one tensor, which is the largest buffer that loading takes.
  package var tensorBytes: UInt64 = 16 << 30
  /// The most memory that a header may occupy once it is parsed.
  package var headerMemory: UInt64 = 64 << 20

  /// The most bytes behind the last tensor.
  package var trailingBytes: UInt64 = 16 << 20

  /// Creates the standard limits.
  package init() {}
}
