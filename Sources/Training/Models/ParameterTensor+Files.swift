extension ParameterTensor {
  /// Whether its rows turn with their position.
  var isRotated: Bool { name.hasSuffix("attn_q.weight") || name.hasSuffix("attn_k.weight") }
  /// The lengths as files have them, the fastest-running first.
  var dimensions: [Int] { role == .norm ? [columns] : [columns, rows] }
}
