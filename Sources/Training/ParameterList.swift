/// One tensor of the parameters.
package struct ParameterTensor: Sendable, Hashable {
  /// What it is to the network, which decides how it is started and stepped.
  package enum Role: Sendable, Hashable {
    /// Rows of tokens, [V, W]: the embedding, or the output head.
    case vocabulary
    /// The factors of a norm, [W].
    case norm
    /// A matrix of a layer, [out, in].
    case matrix
    /// A matrix of a layer whose output is added to the residual stream.
    case residualMatrix
  }

  /// The canonical name, such as `blk.0.attn_q.weight`.
  package let name: String
  /// Rows; 1 for the factors of a norm.
  package let rows: Int
  /// Columns.
  package let columns: Int
  /// What it is to the network.
  package let role: Role
  /// Where it begins among all parameters.
  package let offset: Int

  /// The number of elements.
  package var count: Int { rows * columns }
  /// Its place among all parameters.
  package var range: Range<Int> { offset..<offset + count }
  /// Whether it is a matrix of a layer.
  package var isLayerMatrix: Bool { role == .matrix || role == .residualMatrix }
}

/// All parameters of a network, in the order of its files; each begins at a multiple of 16 elements.
package struct ParameterList: Sendable, Hashable {
  /// The tensors in order.
  package private(set) var tensors: [ParameterTensor] = []
  /// Elements of a buffer that holds all of them.
  package private(set) var count = 0

  /// Lists the parameters of a checked shape.
  package init(_ shape: ModelShape) {
    append("token_embd.weight", shape.vocabulary, shape.width, .vocabulary)
    for layer in 0..<shape.layers {
      let prefix = "blk.\(layer)."
      append(prefix + "attn_norm.weight", 1, shape.width, .norm)
      append(prefix + "attn_q.weight", shape.queryWidth, shape.width, .matrix)
      append(prefix + "attn_k.weight", shape.keyWidth, shape.width, .matrix)
      append(prefix + "attn_v.weight", shape.keyWidth, shape.width, .matrix)
      append(prefix + "attn_output.weight", shape.width, shape.queryWidth, .residualMatrix)
      append(prefix + "ffn_norm.weight", 1, shape.width, .norm)
      append(prefix + "ffn_gate.weight", shape.feedForward, shape.width, .matrix)
      append(prefix + "ffn_up.weight", shape.feedForward, shape.width, .matrix)
      append(prefix + "ffn_down.weight", shape.width, shape.feedForward, .residualMatrix)
    }
    append("output_norm.weight", 1, shape.width, .norm)
    if !shape.isTied { append("output.weight", shape.vocabulary, shape.width, .vocabulary) }
  }

  /// Has no tensors yet.
  init() {}

  /// Adds a tensor behind the others.
  mutating func append(
    _ name: String, _ rows: Int, _ columns: Int, _ role: ParameterTensor.Role
  ) {
    let tensor = ParameterTensor(
      name: name, rows: rows, columns: columns, role: role, offset: count)
    tensors.append(tensor)
    count = (tensor.range.upperBound + 15) / 16 * 16
  }

  /// The tensors of a layer begin here among all.
  static func firstOfLayer(_ layer: Int) -> Int { 1 + 9 * layer }
}
