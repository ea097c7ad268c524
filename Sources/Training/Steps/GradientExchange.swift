import CTraining
import Collectives
import Tensor

/// Adds the gradients of several processes, each of which has the sum of a part of the tree's leaves: every owner of
/// tensors receives their sums of all parts, and adds them over the upper levels of the same tree.
final class GradientExchange {
  private let group: any ProcessGroup
  private let kernels: TrainingKernels
  /// Who owns which tensors of the network.
  let ownership: Ownership
  private var memory: FloatBuffer?

  /// Divides the parameters of a network over processes.
  ///
  /// - Throws: An error where there are not 1, 2, 4, … processes, whose parts would be no parts of the tree.
  init(
    _ list: ParameterList, kernels: TrainingKernels, group: any ProcessGroup
  ) throws(TrainingError) {
    guard group.size > 0, group.size & (group.size - 1) == 0 else {
      throw TrainingError(
        .configuration, field: "processes", "\(group.size) are not 1, 2, 4, 8 or so on")
    }
    self.group = group
    self.kernels = kernels
    ownership = Ownership(list, processes: group.size)
  }

  /// The leaves that each process computes, of as many as the tree has; a process may have none.
  func leaves(of slots: Int) -> [Range<Int>] {
    let parts = min(group.size, slots)
    let each = slots / parts
    return (0..<group.size).map {
      $0 < parts ? $0 * each..<($0 + 1) * each : slots..<slots
    }
  }

  /// Puts the sums of all leaves in the place of this process's own sums, for the tensors that it owns.
  ///
  /// - Parameters:
  ///   - gradient: The sum of this process's leaves, if it has any.
  ///   - parts: Processes that have leaves, the first ones.
  func add(_ gradient: FloatBuffer, parts: Int) throws {
    guard group.size > 1 else { return }
    let own = ownership.elements[group.rank]
    let memory = try memory ?? FloatBuffer(count: own.count * group.size)
    self.memory = memory
    let sent = ownership.elements.map { group.rank < parts ? $0 : 0..<0 }
    let received = (0..<group.size).map {
      $0 < parts ? $0 * own.count..<($0 + 1) * own.count : 0..<0
    }
    try group.exchange(
      Parts(UnsafePointer(gradient.base), sent), into: Parts(memory.base, received))
    var distance = 1
    while distance < parts {
      for left in stride(from: 0, to: parts, by: 2 * distance) {
        kernels.table.pointee.add(
          memory.base + left * own.count, memory.base + (left + distance) * own.count, own.count)
      }
      distance *= 2
    }
    (gradient.base + own.lowerBound).update(from: memory.base, count: own.count)
  }
}
