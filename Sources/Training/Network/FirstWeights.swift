/// Weights before the first step.
package enum FirstWeights {
  /// Writes normal numbers of deviation 0.02 for matrices, less by √(2L) where their output is added to the
  /// residual stream, and 1 for norms: Radford et al., "Language Models are Unsupervised Multitask
  /// Learners", 2019.
  package static func fill(_ weights: FloatBuffer, _ decoder: TrainableDecoder, seed: UInt64) {
    let residual = 0.02 / Double(2 * decoder.shape.layers).squareRoot()
    for (number, tensor) in decoder.parameters.tensors.enumerated() {
      let random = CounterRandom(seed: seed, purpose: .weights, step: UInt64(number))
      let values = weights[tensor.range]
      switch tensor.role {
      case .norm: values.update(repeating: 1)
      case .vocabulary, .matrix, .residualMatrix:
        let deviation = tensor.role == .residualMatrix ? residual : 0.02
        for index in values.indices {
          values[index] = Float(deviation * random.normal(UInt64(index)))
        }
      }
    }
  }
}
