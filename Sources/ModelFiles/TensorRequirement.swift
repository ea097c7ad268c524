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
    /// The file may have it, and it is not read.
    case unused
  }

  /// The name in the file.
  package let name: String
  /// The lengths as the file lists them, the fastest-running first.
  package let shape: [Int]
  /// The use.
  package let role: Role
  /// Whether the file must have it.
  package let presence: Presence
  /// The heads that its rows belong to, in equal parts; 1 where that does not matter.
  package var heads = 1
  /// Whether it is one head's or one expert's, a part where files have those of all in one tensor.
  package var isPart = false

  /// The weights [N, K] of a product, by the name before `.weight`; the shape is the file's, `[K, N]`.
  package static func matrix(_ name: String, _ shape: [Int], heads: Int = 1) -> TensorRequirement {
    var requirement = TensorRequirement("\(name).weight", shape: shape, role: .matrix)
    requirement.heads = heads
    return requirement
  }

  /// A scale for each of `count` columns, by the name before `.weight`.
  package static func vector(_ name: String, _ count: Int) -> TensorRequirement {
    TensorRequirement("\(name).weight", shape: [count], role: .vector)
  }

  /// The same for each of some heads, `[count]`.
  package static func vectors(_ name: String, heads: Int, _ count: Int) -> [TensorRequirement] {
    (0..<heads).map { vector("\(name).\($0)", count).asPart() }
  }

  /// The weights of each of some experts, as `matrix` has them.
  package static func matrices(
    _ name: String, experts: Int, _ shape: [Int]
  ) -> [TensorRequirement] {
    (0..<experts).map { matrix("\(name).\($0)", shape).asPart() }
  }

  /// The biases of each of some experts, as `bias` has them.
  package static func biases(_ name: String, experts: Int, _ count: Int) -> [TensorRequirement] {
    (0..<experts).map { bias("\(name).\($0)", count).asPart() }
  }

  /// A number added to each of `count` columns, by the name before `.bias`.
  package static func bias(_ name: String, _ count: Int, heads: Int = 1) -> TensorRequirement {
    var requirement = TensorRequirement("\(name).bias", shape: [count], role: .vector)
    requirement.heads = heads
    return requirement
  }

  /// The same of a tensor that files may have although nothing reads it.
  package func unused() -> TensorRequirement {
    var requirement = TensorRequirement(name, shape: shape, role: role, presence: .unused)
    requirement.heads = heads
    return requirement
  }

  /// The requirement of one layer.
  package func inLayer(_ layer: Int) -> TensorRequirement {
    var requirement = TensorRequirement(
      "blk.\(layer).\(name)", shape: shape, role: role, presence: presence)
    (requirement.heads, requirement.isPart) = (heads, isPart)
    return requirement
  }

  /// The same as one of several of which files have one tensor.
  private func asPart() -> TensorRequirement {
    var requirement = self
    requirement.isPart = true
    return requirement
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
