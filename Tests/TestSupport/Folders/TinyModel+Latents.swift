import GPTModel

extension TinyModel {
  /// The tensors with the matrices of a layer's keys and values put together as folders have them: of each
  /// head the rows of keys, which are columns where they are apart, and those of values.
  static func withJointLatents(
    _ tensors: [(requirement: TensorRequirement, values: [Float])]
  ) -> [(requirement: TensorRequirement, values: [Float])] {
    tensors.compactMap { tensor in
      let name = tensor.requirement.name
      guard name.contains(".attn_k_b.") || name.contains(".attn_v_b.") else { return tensor }
      let pieces = name.split(separator: ".").map(String.init)
      guard pieces[2] == "attn_k_b", pieces[3] == "0" else { return nil }
      let block = "\(pieces[0]).\(pieces[1])."
      func parts(_ base: String) -> [[Float]] {
        tensors.filter { $0.requirement.name.hasPrefix("\(block)\(base).") }.map(\.values)
      }
      let (columns, rank) = (tensor.requirement.shape[0], tensor.requirement.shape[1])
      let values = zip(parts("attn_k_b"), parts("attn_v_b")).flatMap { keys, values in
        (0..<columns).flatMap { column in (0..<rank).map { keys[$0 * columns + column] } } + values
      }
      return (
        TensorRequirement(
          "\(block)attn_kv_b.weight", shape: [rank, values.count / rank], role: .matrix), values
      )
    }
  }
}
