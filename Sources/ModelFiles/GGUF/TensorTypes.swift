import Tensor

/// The storage types of tensors that can be read, by the number a file gives them.
package struct TensorTypes: Sendable {
  /// How the values of one type lie in a file.
  package struct Layout: Sendable, Hashable {
    /// The type's name, such as `Q4_1`.
    package let name: String
    /// Values in one block.
    package let blockLength: Int
    /// Bytes of one block.
    package let blockBytes: Int

    /// Creates a layout.
    package init(name: String, blockLength: Int, blockBytes: Int) {
      self.name = name
      self.blockLength = blockLength
      self.blockBytes = blockBytes
    }
  }

  private let find: @Sendable (UInt32) -> Layout?

  /// Creates a table from a look-up by type number.
  package init(_ find: @escaping @Sendable (UInt32) -> Layout?) {
    self.find = find
  }

  /// The types that weights may have.
  package static let supported = TensorTypes { fileType in
    GGUFTypes.formats[fileType].map {
      Layout(name: $0.name, blockLength: $0.blockLength, blockBytes: $0.blockBytes)
    }
  }

  /// The layout of a type; nil when it is not supported.
  package subscript(fileType: UInt32) -> Layout? { find(fileType) }
}
