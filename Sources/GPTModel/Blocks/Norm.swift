import Tensor

/// Root-mean-square normalisation of the hidden rows into the input of the next products.
///
/// Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
struct Norm: Sendable {
  private let weight: Vector
  private let norm: RMSNorm
  private let buffers: DecoderBuffers
  private let compute: Compute

  init(weight: Vector, epsilon: Float, buffers: DecoderBuffers, compute: Compute) {
    self.weight = weight
    norm = RMSNorm(weights: weight.base, count: weight.count, epsilon: epsilon)
    self.buffers = buffers
    self.compute = compute
  }

  /// Normalises and quantises every row, [T, W].
  func run(rows: Int) {
    compute.forEachRow(of: rows, with: self) { norm, row in
      norm.assumingMemoryBound(to: Norm.self).pointee.run(row: row, into: row)
    }
  }

  /// Normalises and quantises the rows named, packed together: row i of the result is `picked[i]`.
  func run(picked: [Int]) {
    compute.forEachRow(of: picked.count, with: Picking(norm: self, rows: picked)) { job, index in
      let job = job.assumingMemoryBound(to: Picking.self)
      job.pointee.norm.run(row: job.pointee.rows[index], into: index)
    }
  }

  private struct Picking {
    let norm: Norm
    let rows: [Int]
  }

  private func run(row: Int, into target: Int) {
    norm.apply(
      to: buffers.hidden.row(row), into: buffers.normed.row(target), using: compute.processor)
    buffers.quantizedNormed?.quantize(
      row: target, from: buffers.normed.row(target), using: compute.processor)
  }
}
