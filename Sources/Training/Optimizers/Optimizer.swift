import CTraining
package import Tensor

/// The moments of all parameters, and the rules that step them.
// Unchecked: within a step each tensor is one thread's.
package final class Optimizer: @unchecked Sendable {
  /// The numbers of the rules.
  package let settings: OptimizerSettings
  /// Running means of gradients; the momentum where Muon steps.
  package let first: FloatBuffer
  /// Running means of squares of gradients.
  package let second: FloatBuffer
  /// Steps made so far.
  package var steps = 0
  private let list: ParameterList
  private let kernels: TrainingKernels
  private let muons: [Muon]
  private let scratches: [FloatBuffer]

  /// Reserves memory for moments, and on each of `threads` threads for what a matrix takes.
  package init(
    _ list: ParameterList, settings: OptimizerSettings, kernels: TrainingKernels, threads: Int
  ) throws(TensorError) {
    self.settings = settings
    self.list = list
    self.kernels = kernels
    first = try FloatBuffer(count: list.count)
    second = try FloatBuffer(count: list.count)
    var muons: [Muon] = []
    var scratches: [FloatBuffer] = []
    let matrices = settings.matrixRule == .muon ? list.tensors.filter(\.isLayerMatrix) : []
    let largest = matrices.map { Muon.largestRight($0, panel: kernels.panel) }.max() ?? 0
    let scratch = matrices.map(Muon.scratch).max() ?? 0
    for _ in 0..<(matrices.isEmpty ? 0 : threads) {
      let products = try MatrixProducts(kernels: kernels, largest: largest)
      muons.append(Muon(products: products, settings: settings))
      scratches.append(try FloatBuffer(count: scratch))
    }
    self.muons = muons
    self.scratches = scratches
  }

  /// The sums of the squares of a gradient by tensor; 0 for tensors that are not asked for.
  func squares(of gradient: FloatBuffer, _ tensors: Range<Int>, on pool: WorkerPool) -> [Double] {
    let sums = SharedDoubles(count: list.tensors.count)
    pool.run(tensors.count) { [list, kernels] index, _ in
      let tensor = list.tensors[tensors.lowerBound + index]
      sums[tensors.lowerBound + index] = kernels.table.pointee.sum_squares(
        gradient.base + tensor.offset, tensor.count)
    }
    return sums.all
  }

  /// How a step is made, besides what the settings say.
  struct StepMeans {
    /// The rate of learning.
    let rate: Double
    /// What gradients are multiplied by first.
    let scale: Double
    /// The numbers of the tensors that are stepped.
    let tensors: Range<Int>
    /// The threads.
    let pool: WorkerPool
  }

  /// Steps weights by a gradient.
  func step(_ weights: FloatBuffer, by gradient: FloatBuffer, _ means: StepMeans) {
    steps += 1
    let job = OptimizerJob(
      weights: weights, gradient: gradient, rate: means.rate, scale: means.scale,
      adamW: AdamW(settings, step: steps))
    means.pool.run(means.tensors.count) { [self] index, worker in
      run(job, list.tensors[means.tensors.lowerBound + index], worker: worker)
    }
  }

  private func run(_ job: OptimizerJob, _ tensor: ParameterTensor, worker: Int) {
    let offset = tensor.offset
    if tensor.isLayerMatrix, settings.matrixRule == .muon {
      let matrix = Muon.Matrix(
        tensor: tensor, weights: job.weights.base + offset, momentum: first.base + offset,
        gradient: UnsafePointer(job.gradient.base + offset))
      muons[worker].step(
        matrix, rate: job.rate * settings.muonRate, scale: job.scale,
        scratch: scratches[worker].base)
      return
    }
    var constants = job.adamW.constants(
      rate: job.rate, scale: job.scale, decays: tensor.isLayerMatrix)
    kernels.table.pointee.adamw(
      &constants, job.weights.base + offset, first.base + offset, second.base + offset,
      job.gradient.base + offset, tensor.count)
  }
}

/// What all tensors of a step share.
private struct OptimizerJob: Sendable {
  let weights: FloatBuffer
  let gradient: FloatBuffer
  let rate: Double
  let scale: Double
  let adamW: AdamW
}

/// Numbers that threads write, each its own.
// Unchecked: no two threads write the same place, and the pool orders writes before the sum.
private final class SharedDoubles: @unchecked Sendable {
  private let values: UnsafeMutablePointer<Double>
  private let count: Int

  init(count: Int) {
    self.count = count
    values = .allocate(capacity: count)
    values.initialize(repeating: 0, count: count)
  }

  deinit { values.deallocate() }

  var all: [Double] { (0..<count).map { values[$0] } }

  subscript(index: Int) -> Double {
    get { values[index] }
    set { values[index] = newValue }
  }
}
