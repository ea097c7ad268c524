import CTraining
import Platform
import Tensor

/// Adds the gradients of 2ᵏ leaves over one fixed binary tree, whoever finishes when.
///
/// The sum of two neighbours is made by whoever comes second. Leaves are begun in order, so that about as
/// many buffers are alive as there are threads and levels.
// Unchecked: a lock guards what changes.
final class GradientTree: @unchecked Sendable {
  private let leaves: Int
  private let size: Int
  private let table: UnsafePointer<apus_training_kernels>
  private let lock = Condition()
  private var spare: [FloatBuffer]
  /// Sums that wait for their neighbour, by the number of the node: 1 is the root, 2n and 2n + 1 are n's.
  private var waiting: [Int: FloatBuffer] = [:]

  /// Creates the tree of a step.
  ///
  /// - Parameters:
  ///   - leaves: A power of two.
  ///   - size: Elements of a gradient.
  ///   - spare: Buffers of earlier steps.
  init(leaves: Int, size: Int, kernels: TrainingKernels, spare: [FloatBuffer]) {
    precondition(leaves > 0 && leaves & (leaves - 1) == 0, "no power of two")
    self.leaves = leaves
    self.size = size
    self.spare = spare
    table = kernels.table
  }

  /// A buffer of zeros for the gradient of a leaf.
  func take() throws(TensorError) -> FloatBuffer {
    if let buffer = locked({ spare.popLast() }) {
      buffer.clear()
      return buffer
    }
    return try FloatBuffer(count: size)
  }

  /// Takes a leaf's gradient, and adds up what is complete with it.
  func finish(_ leaf: Int, _ gradient: FloatBuffer) {
    var node = leaves + leaf
    var sum = gradient
    while node > 1, let other = neighbour(of: node, or: sum) {
      let (left, right) = node.isMultiple(of: 2) ? (sum, other) : (other, sum)
      table.pointee.add(left.base, right.base, size)
      locked { spare.append(right) }
      sum = left
      node /= 2
    }
    if node == 1 { locked { waiting[1] = sum } }
  }

  /// The sum of all leaves, and the buffers that are free again.
  func end() -> (sum: FloatBuffer?, spare: [FloatBuffer]) {
    locked { (waiting.removeValue(forKey: 1), spare) }
  }

  /// The sum of the other half of a node's parent; where there is none yet, this one waits for it.
  private func neighbour(of node: Int, or sum: FloatBuffer) -> FloatBuffer? {
    locked {
      if let other = waiting.removeValue(forKey: node ^ 1) { return other }
      waiting[node] = sum
      return nil
    }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return body()
  }
}
