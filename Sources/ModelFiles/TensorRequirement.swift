/// A tensor that an architecture needs, or can make use of.
package struct TensorRequirement: Sendable, Hashable {
  /// What the values are used for, which decides how they may be stored.
  package enum Role: String, Sendable {
    /// A factor of matrix products or a table of rows; any storage type will do.
    case matrix
    /// Scales, biases and the like, which are kept as plain numbers and never in blocks.
    case vector
  }

  /// Whether the model can do without the tensor.
  package enum Presence: Sendable {
    case required
    case optional
  }

  /// The name in the file.
  package let name: String
  /// The lengths as the file lists them, the fastest-running first.
  package let shape: [Int]
  /// The use.
  package let role: Role
  /// Whether the file must have it.
  package let presence: Presence

  /// The weights [N, K] of a product, by the name before `.weight`; the shape is the file's, `[K, N]`.
  package static func matrix(_ name: String, _ shape: [Int]) -> TensorRequirement {
    TensorRequirement("\(name).weight", shape: shape, role: .matrix)
  }

  /// A scale for each of `count` columns, by the name before `.weight`.
  package static func vector(_ name: String, _ count: Int) -> TensorRequirement {
    TensorRequirement("\(name).weight", shape: [count], role: .vector)
  }

  /// A number added to each of `count` columns, by the name before `.bias`.
  package static func bias(_ name: String, _ count: Int) -> TensorRequirement {
    TensorRequirement("\(name).bias", shape: [count], role: .vector)
  }

  /// The requirement of one layer.
  package func inLayer(_ layer: Int) -> TensorRequirement {
    TensorRequirement("blk.\(layer).\(name)", shape: shape, role: role, presence: presence)
  }

  /// Creates a requirement.
  package init(
    _ name: String, shape: [Int], role: Role, presence: Presence = .required
  ) {
    self.name = name
    self.shape = shape
    self.role = role
    self.presence = presence
  }
}
