/// A decoder forward and backward: a leaf's gradient is a function of the weights and the leaf alone.
package struct TrainableDecoder {
  /// The sizes.
  package let shape: ModelShape
  /// The parameters.
  package let parameters: ParameterList
  private let embedding: EmbeddingBlock
  private let layers: [DecoderLayer]
  private let norm: RMSNormBlock
  private let head: HeadBlock

  /// Makes the blocks of a shape.
  package init(_ shape: ModelShape) throws {
    try shape.check()
    let list = ParameterList(shape)
    let rotary = try RotaryBlock(shape)
    self.shape = shape
    parameters = list
    embedding = EmbeddingBlock(weight: list.tensors[0])
    layers = (0..<shape.layers).map { DecoderLayer($0, shape, list, rotary: rotary) }
    let last = list.tensors.count - 1
    let normIndex = shape.isTied ? last : last - 1
    norm = RMSNormBlock(weight: list.tensors[normIndex], epsilon: shape.epsilon)
    let headIndex = shape.isTied ? 0 : last
    head = HeadBlock(linear: Linear(index: headIndex, weight: list.tensors[headIndex]))
  }

  /// What a network reads of its weights.
  package struct Weights {
    let values: FloatBuffer
    let packed: PackedParameters

    /// Names the weights, and the same packed.
    package init(values: FloatBuffer, packed: PackedParameters) {
      self.values = values
      self.packed = packed
    }
  }

  /// Computes the log-probabilities of a leaf's targets, and adds the gradient of their weighted sum's
  /// negative.
  ///
  /// - Parameters:
  ///   - leaf: A leaf that was checked for the shape, of no more tokens than the memory's rows.
  ///   - gradient: Receives the gradients; nil where none are wanted.
  ///   - report: Receives each row that has a target, and its log-probability, in order.
  package func run(
    _ leaf: Leaf, _ weights: Weights, memory: LeafMemory, addingTo gradient: FloatBuffer?,
    report: (_ row: Int, _ logProbability: Double) -> Void
  ) {
    precondition(leaf.tokens.count <= memory.rows, "a leaf is larger than was said")
    let pass = LeafPass(
      leaf: leaf, products: memory.products, weights: weights.values.base, packed: weights.packed,
      gradient: gradient?.base)
    forward(memory, pass)
    head.forwardAndBackward(
      memory.normed, into: memory.normedGradient, memory.head, pass, report: report)
    if gradient != nil { backward(memory, pass) }
  }

  private func forward(_ memory: LeafMemory, _ pass: LeafPass) {
    embedding.forward(into: memory.layers[0].input, pass)
    for (number, layer) in layers.enumerated() {
      let isLast = number == layers.count - 1
      let out = isLast ? memory.output : memory.layers[number + 1].input
      layer.forward(memory.layers[number], into: out, memory, pass)
    }
    norm.forward(memory.output, into: memory.normed, pass)
  }

  private func backward(_ memory: LeafMemory, _ pass: LeafPass) {
    memory.gradient.update(repeating: 0, count: pass.rows * shape.width)
    norm.backward(
      memory.normedGradient, at: memory.output, addingTo: memory.gradient, pass)
    for (number, layer) in layers.enumerated().reversed() {
      layer.backward(memory.layers[number], memory, pass)
    }
    embedding.backward(memory.gradient, pass)
  }
}
