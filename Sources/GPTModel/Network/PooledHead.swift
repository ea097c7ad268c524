import Tensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Makes a vector or a score of a text's pooled state.
///
/// Its memory is laid out once, at loading; only the engine's thread runs it, between the jobs of a step.
final class PooledHead: Sendable {
  private let spec: PooledSpec
  private let layers: [Layer]
  private let compute: Compute

  /// One layer with its memory.
  private struct Layer: Sendable {
    let input: Matrix
    let output: Matrix
    let product: LinearGroup
    let function: PooledLayer.Function
    let norm: WeightedNorm?
    /// What the matrices point into.
    let workspace: Workspace
  }

  /// - Parameters:
  ///   - words: The tokens whose logits make the score; none where layers do.
  init(_ spec: TransformerSpec, weights: ModelWeights, words: [Int], compute: Compute) throws {
    self.spec = spec.pooled
    self.compute = compute
    var layers: [Layer] = []
    for own in spec.pooled.layers {
      layers.append(
        try Self.layer(
          weights.linear(own.name), own, compute: compute,
          norm: try own.norm.map { try weights.norm($0, "cls.norm", count: own.outputs) }))
    }
    if !words.isEmpty {
      let rows = try Self.rows(words, spec: spec, weights: weights, compute: compute)
      let own = PooledLayer(name: "words", inputs: rows.columns, outputs: rows.rows)
      layers.append(
        try Self.layer(Linear(weight: rows, bias: nil), own, compute: compute, norm: nil))
    }
    self.layers = layers
  }

  private static func layer(
    _ linear: Linear, _ own: PooledLayer, compute: Compute, norm: WeightedNorm?
  ) throws(TensorError) -> Layer {
    let rounded = own.inputs / Activations.blockLength * Activations.blockLength
    let workspace = try Workspace(
      byteCount: Workspace.bytes(matrixRows: 1, columns: own.inputs)
        + Workspace.bytes(activationRows: 1, columns: rounded)
        + Workspace.bytes(matrixRows: 1, columns: own.outputs))
    let input = RoundedMatrix(
      floats: try workspace.matrix(rows: 1, columns: own.inputs),
      rounded: try workspace.activations(rows: 1, columns: rounded))
    let output = try workspace.matrix(rows: 1, columns: own.outputs)
    let product = try LinearGroup(
      input: input.floats, quantized: input.quantized, items: [linear.item(to: output)])
    return Layer(
      input: input.floats, output: output, product: product, function: own.function, norm: norm,
      workspace: workspace)
  }

  /// The rows of the output head of some tokens, [N, W].
  private static func rows(
    _ tokens: [Int], spec: TransformerSpec, weights: ModelWeights, compute: Compute
  ) throws -> WeightMatrix {
    let head = try weights.matrix(spec.head.isTied ? "token_embd.weight" : "output.weight")
    var values = [Float](repeating: 0, count: tokens.count * head.columns)
    values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for (row, token) in tokens.enumerated() {
        head.decodeRow(token, into: base + row * head.columns)
      }
    }
    return try values.withUnsafeBytes {
      try WeightMatrix(
        format: F32.self, rows: tokens.count, columns: head.columns, source: $0, pool: compute.pool)
    }
  }

  /// Whether a vector is the pooled state, of length one.
  var isPlain: Bool { layers.isEmpty && spec.isNormalized }

  /// The vector of a pooled state, [W] or what the last layer gives.
  func vector(of state: [Float]) -> [Float] {
    let vector = output(of: state)
    guard spec.isNormalized else { return vector }
    let norm = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    return norm > 0 ? vector.map { Float(Double($0) / norm) } : vector
  }

  /// The score of a pooled state; nil where the model gives none.
  func score(of state: [Float]) -> Float? {
    guard let score = spec.score else { return nil }
    let numbers = output(of: state).map(Double.init)
    switch score.function {
    case .identity: return numbers.first.map { Float($0) }
    case .sigmoid: return numbers.first.map { Float(1 / (1 + exp(-$0))) }
    case .firstOfTwo:
      return numbers.count == 2 ? Float(1 / (1 + exp(numbers[1] - numbers[0]))) : nil
    }
  }

  private func output(of state: [Float]) -> [Float] {
    var values = state
    for layer in layers {
      for (index, value) in values.prefix(layer.input.columns).enumerated() {
        layer.input.row(0)[index] = value
      }
      layer.product.run(rows: 1, on: compute)
      let (row, count) = (layer.output.row(0), layer.output.columns)
      switch layer.function {
      case .none: break
      case .tanh: compute.processor.softCap(row, count: count, cap: 1)
      case .activation(let function):
        compute.processor.gated(function, gate: row, up: nil, into: row, count: count)
      }
      layer.norm?.apply(to: row, into: row, using: compute.processor)
      values = Array(UnsafeBufferPointer(start: row, count: count))
    }
    return values
  }
}
