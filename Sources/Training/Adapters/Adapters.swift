package import Tensor

/// Adapters of low rank: W = W₀ + (α / r) B A, where W₀ stays and A and B learn: Hu et al., "LoRA", 2021.
///
/// The network computes with W. The gradients of A and B follow from that of W: dB = (α / r) dW Aᵀ and
/// dA = (α / r) Bᵀ dW.
// Unchecked: within a call each matrix is one thread's.
package final class Adapters: @unchecked Sendable {
  /// A matrix and its adapter.
  struct Pair: Sendable, Hashable {
    /// W, [out, in], among the parameters of the network.
    let matrix: ParameterTensor
    /// A, [r, in], among the adapters.
    let down: ParameterTensor
    /// B, [out, r], among the adapters.
    let up: ParameterTensor
  }

  /// The numbers.
  package let settings: AdapterSettings
  /// The tensors of all adapters.
  package let list: ParameterList
  /// Their values: A drawn from the seed, B zero at first.
  package let values: FloatBuffer
  let pairs: [Pair]
  private let base: FloatBuffer
  private let gradients: FloatBuffer
  private let pool: WorkerPool
  private let products: [MatrixProducts]
  private let scratches: [FloatBuffer]

  /// Makes adapters that add nothing yet.
  ///
  /// - Parameter base: The weights, which are copied.
  package init(
    _ settings: AdapterSettings, base: FloatBuffer, decoder: TrainableDecoder,
    kernels: TrainingKernels, pool: WorkerPool
  ) throws {
    try settings.check()
    var list = ParameterList()
    var pairs: [Pair] = []
    for tensor in decoder.parameters.tensors where settings.adapts(tensor) {
      let name = tensor.name.dropLast(".weight".count)
      list.append("\(name).lora_a", settings.rank, tensor.columns, .matrix)
      list.append("\(name).lora_b", tensor.rows, settings.rank, .matrix)
      let count = list.tensors.count
      pairs.append(
        Pair(matrix: tensor, down: list.tensors[count - 2], up: list.tensors[count - 1]))
    }
    self.settings = settings
    self.list = list
    self.pairs = pairs
    self.pool = pool
    self.base = try FloatBuffer(count: base.count)
    self.base.copy(base)
    values = try FloatBuffer(count: list.count)
    gradients = try FloatBuffer(count: list.count)
    let (largest, scratch) = Self.sizes(pairs, rank: settings.rank, panel: kernels.panel)
    var products: [MatrixProducts] = []
    var scratches: [FloatBuffer] = []
    for _ in 0..<pool.threads {
      products.append(try MatrixProducts(kernels: kernels, largest: largest))
      scratches.append(try FloatBuffer(count: scratch))
    }
    self.products = products
    self.scratches = scratches
    fill()
  }

  /// Elements of the largest right matrix of a product, and of the largest B.
  private static func sizes(_ pairs: [Pair], rank: Int, panel: Int) -> (Int, Int) {
    var (largest, scratch) = (0, 0)
    for pair in pairs {
      let (rows, columns) = (pair.matrix.rows, pair.matrix.columns)
      largest = max(
        largest, rows * columns.roundedUp(to: panel), columns * rank.roundedUp(to: panel),
        rank * columns.roundedUp(to: panel))
      scratch = max(scratch, rows * rank)
    }
    return (largest, scratch)
  }

  /// Draws A evenly from ±1 / √in.
  private func fill() {
    for (number, pair) in pairs.enumerated() {
      let random = CounterRandom(
        seed: settings.seed, purpose: .adapters, step: UInt64(number))
      let bound = 1 / Double(pair.down.columns).squareRoot()
      let values = values[pair.down.range]
      for index in values.indices {
        values[index] = Float((2 * random.uniform(UInt64(index)) - 1) * bound)
      }
    }
  }

  /// Who steps which adapters: each process those of the matrices that it owns, whose gradients it has.
  func ownership(_ network: Ownership) -> Ownership {
    var counts: [Range<Int>] = []
    for range in network.elements {
      let start = counts.last?.upperBound ?? 0
      let own = pairs.count { range.contains($0.matrix.offset) }
      // An adapter has two tensors.
      counts.append(start..<start + 2 * own)
    }
    return Ownership(list, tensors: counts)
  }

  /// The gradients of adapters, given those of weights; valid until the next call.
  ///
  /// - Parameter tensors: The numbers of the adapters' tensors that are asked for; nil for all.
  func gradient(of full: FloatBuffer, for tensors: Range<Int>? = nil) -> FloatBuffer {
    let wanted = tensors.map { $0.lowerBound / 2..<$0.upperBound / 2 } ?? pairs.indices
    pool.run(wanted.count) { [self] index, worker in
      let pair = pairs[wanted.lowerBound + index]
      let (rows, columns, rank) = (pair.matrix.rows, pair.matrix.columns, settings.rank)
      let matrix = MatrixView(full.base + pair.matrix.offset, columns: columns)
      let up = gradients.base + pair.up.offset
      let down = gradients.base + pair.down.offset
      products[worker].multiply(
        MatrixProduct(
          rows: rows, columns: rank, depth: columns, left: matrix,
          right: MatrixView(values.base + pair.down.offset, columns: columns).turned), into: up)
      products[worker].multiply(
        MatrixProduct(
          rows: rank, columns: columns, depth: rows,
          left: MatrixView(values.base + pair.up.offset, columns: rank).turned, right: matrix),
        into: down)
      let scale = Float(settings.scale)
      for place in 0..<pair.up.count { up[place] *= scale }
      for place in 0..<pair.down.count { down[place] *= scale }
    }
    return gradients
  }

  /// Writes W₀ + (α / r) B A to the weights.
  func merge(into weights: FloatBuffer) {
    pool.run(pairs.count) { [self] index, worker in
      let pair = pairs[index]
      let scaled = scratches[worker].base
      for place in 0..<pair.up.count {
        scaled[place] = values.base[pair.up.offset + place] * Float(settings.scale)
      }
      let out = weights.base + pair.matrix.offset
      out.update(from: base.base + pair.matrix.offset, count: pair.matrix.count)
      products[worker].multiply(
        MatrixProduct(
          rows: pair.matrix.rows, columns: pair.matrix.columns, depth: settings.rank,
          left: MatrixView(scaled, columns: settings.rank),
          right: MatrixView(values.base + pair.down.offset, columns: pair.matrix.columns)),
        into: out, adding: true)
    }
  }
}

extension AdapterSettings {
  /// Whether a tensor of the network gets an adapter.
  fileprivate func adapts(_ tensor: ParameterTensor) -> Bool {
    let parts = tensor.name.split(separator: ".")
    return tensor.isLayerMatrix && parts.count == 4 && targets.contains(String(parts[2]))
  }
}
