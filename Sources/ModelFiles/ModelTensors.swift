import Tensor

/// The tensors of a model by canonical name, compared as a whole with what an architecture needs.
package struct ModelTensors: Sendable {
  private let byName: [String: SourceTensor]
  private let order: [String]

  /// Creates a view of tensors with unique names; of two equal names the first counts.
  package init(_ tensors: [SourceTensor]) {
    byName = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
    order = tensors.map(\.name)
  }

  /// The tensor of a name, if it is there.
  package subscript(name: String) -> SourceTensor? { byName[name] }

  /// Checks that the file has every required tensor, each of its shape and a fitting storage type,
  /// and none that nobody asked for.
  package func check(expected: [TensorRequirement]) throws(ModelError) {
    let missing = expected.filter { $0.presence == .required && byName[$0.name] == nil }
    guard missing.isEmpty else {
      throw ModelError(
        .missing, field: missing[0].name,
        "tensors that the architecture needs are not in the file: \(Self.list(missing.map(\.name)))"
      )
    }
    let known = Set(expected.map(\.name))
    let unexpected = order.filter { !known.contains($0) }
    guard unexpected.isEmpty else {
      throw ModelError(
        .invalid, field: unexpected[0], offset: byName[unexpected[0]]?.byteRange.lowerBound,
        "tensors that the architecture does not know: \(Self.list(unexpected))")
    }
    for requirement in expected {
      if let tensor = byName[requirement.name] { try Self.check(tensor, against: requirement) }
    }
  }

  private static func check(
    _ tensor: SourceTensor, against requirement: TensorRequirement
  ) throws(ModelError) {
    guard
      tensor.dimensions.count <= requirement.shape.count
        && trimmed(tensor.dimensions) == trimmed(requirement.shape)
        || requirement.role == .vector && isSameVector(tensor.dimensions, requirement.shape)
    else {
      throw ModelError(
        .invalid, field: tensor.fileName, offset: tensor.byteRange.lowerBound,
        "the shape is \(tensor.dimensions); the hyper-parameters ask for \(requirement.shape)")
    }
    guard requirement.role == .matrix || tensor.format.blockLength == 1 else {
      throw ModelError(
        .unsupported, field: tensor.fileName, offset: tensor.byteRange.lowerBound,
        "stored as \(tensor.format.name), but a \(requirement.role.rawValue) needs plain numbers")
    }
  }

  /// Whether the shape of plain numbers is the one needed but for ones, or a single row of several needed.
  private static func isSameVector(_ found: [Int], _ needed: [Int]) -> Bool {
    let (found, needed) = (found.filter { $0 != 1 }, needed.filter { $0 != 1 })
    return found == needed || found.count == 1 && found[0] == needed.reduce(1, *)
  }

  /// A shape without trailing ones, which writers leave out.
  static func trimmed(_ shape: [Int]) -> ArraySlice<Int> {
    shape[..<((shape.lastIndex { $0 != 1 } ?? -1) + 1)]
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(8).joined(separator: ", ")
    return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
  }
}
