/// What a block reads and writes while one leaf goes through it.
struct LeafPass {
  /// The leaf.
  let leaf: Leaf
  /// Products of matrices, and the kernels.
  let products: MatrixProducts
  /// All parameters.
  let weights: UnsafePointer<Float>
  /// The matrices among them in panels.
  let packed: PackedParameters
  /// The gradients of all parameters, to which blocks add; nil where only values are wanted.
  let gradient: UnsafeMutablePointer<Float>?

  /// Tokens of the leaf, N.
  var rows: Int { leaf.tokens.count }
}
