import CTraining
package import Tensor

/// The matrices of a network in panels, as both directions read them: packed once a step for all leaves.
// Unchecked: written between steps only, each tensor by one thread.
package final class PackedParameters: @unchecked Sendable {
  private struct Place {
    let forward: Int
    let backward: Int
  }

  private let list: ParameterList
  private let kernels: TrainingKernels
  private let memory: FloatBuffer
  private var places: [Place?] = []

  /// Reserves memory; none where a library multiplies.
  package init(_ list: ParameterList, kernels: TrainingKernels) throws(TensorError) {
    self.list = list
    self.kernels = kernels
    var size = 0
    var places: [Place?] = []
    for tensor in list.tensors {
      guard tensor.role != .norm, kernels.backend == .own else {
        places.append(nil)
        continue
      }
      let forward = size
      size += tensor.columns * tensor.rows.roundedUp(to: kernels.panel)
      places.append(Place(forward: forward, backward: size))
      size += tensor.rows * tensor.columns.roundedUp(to: kernels.panel)
    }
    self.places = places
    memory = try FloatBuffer(count: size)
  }

  /// Packs all matrices anew.
  package func pack(_ weights: FloatBuffer, on pool: WorkerPool) {
    pool.run(list.tensors.count) { index, _ in self.pack(index, weights) }
  }

  private func pack(_ index: Int, _ weights: FloatBuffer) {
    guard let place = places[index] else { return }
    let tensor = list.tensors[index]
    let matrix = MatrixView(weights.base + tensor.offset, columns: tensor.columns)
    let pack = kernels.table.pointee.pack
    pack(
      matrix.turned.forKernels, tensor.columns, tensor.rows, memory.base + place.forward)
    pack(matrix.forKernels, tensor.rows, tensor.columns, memory.base + place.backward)
  }

  /// The turned matrix [in, out] of a tensor, as `y = x Wᵀ` reads it.
  func forward(_ index: Int) -> UnsafePointer<Float>? {
    places[index].map { UnsafePointer(memory.base + $0.forward) }
  }

  /// The matrix [out, in] of a tensor, as `dx = dy W` reads it.
  func backward(_ index: Int) -> UnsafePointer<Float>? {
    places[index].map { UnsafePointer(memory.base + $0.backward) }
  }
}
