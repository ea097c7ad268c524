import Tensor

/// Matrices of the same use and format, one of each layer.
package struct WeightGroup: Sendable, Hashable {
  /// The name in the file without the number of the layer, such as `attn_q`.
  package var name: String
  /// The format in the file.
  package var format: String
  /// Matrices.
  package var count: Int
  /// Bytes as the kernels read them.
  package var byteCount: Int
  /// Whether the processor's own kernels multiply them; otherwise BLAS does.
  package var hasKernel: Bool
}

extension WeightGroup {
  /// Groups matrices by their names in the file; in the order of the names.
  static func groups(of matrices: [String: WeightMatrix]) -> [WeightGroup] {
    var groups: [String: WeightGroup] = [:]
    for (name, matrix) in matrices {
      let use = Self.use(of: name)
      var group =
        groups["\(use) \(matrix.format.name)"]
        ?? WeightGroup(
          name: use, format: matrix.format.name, count: 0, byteCount: 0,
          hasKernel: matrix.readsQuantizedInput)
      group.count += 1
      group.byteCount += matrix.byteCount
      groups["\(use) \(matrix.format.name)"] = group
    }
    return groups.sorted { $0.key < $1.key }.map(\.value)
  }

  /// `blk.7.attn_q.weight` becomes `attn_q`.
  static func use(of name: String) -> String {
    name.split(separator: ".").filter { $0 != "blk" && $0 != "weight" && Int($0) == nil }
      .joined(separator: ".")
  }
}
