/// One tensor of a model file: what it is called, how it is shaped, and where its bytes lie.
package struct TensorInfo: Sendable, Hashable {
  /// The name in the file, such as `blk.0.attn_q.weight`.
  package let name: String
  /// The lengths as the file lists them, the fastest-running first: `[K, N]` for a matrix of N rows.
  package let dimensions: [Int]
  /// The number of the storage type.
  package let fileType: UInt32
  /// The layout that the storage type stands for.
  package let layout: TensorTypes.Layout
  /// The number of values.
  package let elementCount: Int
  /// Where the values lie, from the start of the file.
  package let byteRange: Range<UInt64>
}
