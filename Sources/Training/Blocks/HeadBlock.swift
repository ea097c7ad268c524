import CTraining

/// The output head and the cross-entropy of its softmax, in chunks of rows: the logits of a whole leaf
/// never lie in memory.
struct HeadBlock {
  /// The product with the embedding, or with a matrix of its own.
  let linear: Linear

  /// What a pass through the head takes.
  struct Scratch {
    /// The kept rows, [N, W].
    let rows: UnsafeMutablePointer<Float>
    /// Their gradients, [N, W].
    let gradients: UnsafeMutablePointer<Float>
    /// Logits, [chunk, V].
    let logits: UnsafeMutablePointer<Float>
  }

  /// Rows whose logits are computed at once; results do not depend on it.
  static func chunk(vocabulary: Int) -> Int { min(max((1 << 19) / vocabulary, 64), 256) }

  /// Computes the logarithm of each target's probability, and adds the gradients of minus their
  /// weighted sum.
  ///
  /// - Parameters:
  ///   - x: Normalised states, [N, W].
  ///   - dx: Receives the gradient of x, [N, W].
  ///   - report: Receives each row that has a target, and its log-probability, in order.
  func forwardAndBackward(
    _ x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ scratch: Scratch,
    _ pass: LeafPass, report: (Int, Double) -> Void
  ) {
    let width = linear.weight.columns
    let kept = pass.leaf.targets.indices.filter { pass.leaf.targets[$0] >= 0 }
    for (place, row) in kept.enumerated() {
      (scratch.rows + place * width).update(from: x + row * width, count: width)
    }
    let chunk = Self.chunk(vocabulary: linear.weight.rows)
    for start in stride(from: 0, to: kept.count, by: chunk) {
      let rows = kept[start..<min(start + chunk, kept.count)]
      run(
        rows, from: scratch.rows + start * width, scratch.gradients + start * width,
        logits: scratch.logits, pass, report: report)
    }
    dx.update(repeating: 0, count: pass.rows * width)
    for (place, row) in kept.enumerated() {
      (dx + row * width).update(from: scratch.gradients + place * width, count: width)
    }
  }

  private func run(
    _ rows: ArraySlice<Int>, from x: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>,
    logits: UnsafeMutablePointer<Float>, _ pass: LeafPass, report: (Int, Double) -> Void
  ) {
    let vocabulary = linear.weight.rows
    linear.forward(x, into: logits, rows: rows.count, pass)
    for (place, row) in rows.enumerated() {
      let logProbability = pass.products.kernels.table.pointee.cross_entropy(
        logits + place * vocabulary, vocabulary, Int(pass.leaf.targets[row]),
        pass.leaf.weights?[row] ?? 1)
      report(row, logProbability)
    }
    guard pass.gradient != nil else { return }
    linear.backward(logits, into: dx, rows: rows.count, pass)
    linear.addGradient(logits, x, rows: rows.count, pass)
  }
}
