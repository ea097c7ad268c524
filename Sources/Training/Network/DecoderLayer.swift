/// h + A(N(h)), then h + M(N(h)): attention A and the feed-forward network M behind norms N.
struct DecoderLayer {
  private let shape: ModelShape
  private let attentionNorm: RMSNormBlock
  private let query: Linear
  private let key: Linear
  private let value: Linear
  private let output: Linear
  private let feedForwardNorm: RMSNormBlock
  private let gate: Linear
  private let up: Linear
  private let down: Linear
  private let rotary: RotaryBlock
  private let attention: GroupedAttentionBlock
  private let activation = SwiGLUBlock()

  /// Takes the nine tensors of a layer.
  init(_ number: Int, _ shape: ModelShape, _ list: ParameterList, rotary: RotaryBlock) {
    let first = ParameterList.firstOfLayer(number)
    func linear(_ place: Int) -> Linear {
      Linear(index: first + place, weight: list.tensors[first + place])
    }
    func norm(_ place: Int) -> RMSNormBlock {
      RMSNormBlock(weight: list.tensors[first + place], epsilon: shape.epsilon)
    }
    self.shape = shape
    attentionNorm = norm(0)
    (query, key, value, output) = (linear(1), linear(2), linear(3), linear(4))
    feedForwardNorm = norm(5)
    (gate, up, down) = (linear(6), linear(7), linear(8))
    self.rotary = rotary
    attention = GroupedAttentionBlock(shape: shape)
  }

  /// Writes the residual stream after the layer, [N, W].
  func forward(
    _ layer: LeafMemory.Layer, into out: UnsafeMutablePointer<Float>, _ memory: LeafMemory,
    _ pass: LeafPass
  ) {
    let state = layer.attention
    let width = pass.rows * shape.width
    attentionNorm.forward(layer.input, into: memory.normed, pass)
    query.forward(memory.normed, into: state.q, pass)
    key.forward(memory.normed, into: state.k, pass)
    value.forward(memory.normed, into: state.v, pass)
    rotary.forward(state.q, heads: shape.queryHeads, pass)
    rotary.forward(state.k, heads: shape.keyValueHeads, pass)
    attention.forward(state, scratch: memory.attentionScratch, pass)
    layer.middle.update(from: layer.input, count: width)
    output.forward(state.out, into: layer.middle, adding: true, pass)

    feedForwardNorm.forward(layer.middle, into: memory.normed, pass)
    gate.forward(memory.normed, into: layer.gate, pass)
    up.forward(memory.normed, into: layer.up, pass)
    activate(layer, memory, pass)
    out.update(from: layer.middle, count: width)
    down.forward(memory.hidden, into: out, adding: true, pass)
  }

  /// Turns the gradient of the residual stream after the layer, `memory.gradient`, into that before it.
  func backward(_ layer: LeafMemory.Layer, _ memory: LeafMemory, _ pass: LeafPass) {
    feedForwardBackward(layer, memory, pass)
    attentionBackward(layer, memory, pass)
  }

  private func activate(_ layer: LeafMemory.Layer, _ memory: LeafMemory, _ pass: LeafPass) {
    activation.forward(
      gate: layer.gate, up: layer.up, into: memory.hidden, count: pass.rows * shape.feedForward,
      pass)
  }

  private func feedForwardBackward(
    _ layer: LeafMemory.Layer, _ memory: LeafMemory, _ pass: LeafPass
  ) {
    activate(layer, memory, pass)
    down.addGradient(memory.gradient, memory.hidden, pass)
    down.backward(memory.gradient, into: memory.hiddenGradient, pass)
    activation.backward(
      memory.hiddenGradient, gate: layer.gate, up: layer.up,
      count: pass.rows * shape.feedForward, pass)
    feedForwardNorm.forward(layer.middle, into: memory.normed, pass)
    gate.addGradient(layer.gate, memory.normed, pass)
    up.addGradient(layer.up, memory.normed, pass)
    gate.backward(layer.gate, into: memory.normedGradient, pass)
    up.backward(layer.up, into: memory.normedGradient, adding: true, pass)
    feedForwardNorm.backward(
      memory.normedGradient, at: layer.middle, addingTo: memory.gradient, pass)
  }

  private func attentionBackward(
    _ layer: LeafMemory.Layer, _ memory: LeafMemory, _ pass: LeafPass
  ) {
    let state = layer.attention
    let gradients = memory.attentionGradients
    output.addGradient(memory.gradient, state.out, pass)
    output.backward(memory.gradient, into: gradients.out, pass)
    attention.backward(
      gradients.out, state, into: gradients, scratch: memory.attentionScratch, pass)
    rotary.backward(gradients.q, heads: shape.queryHeads, pass)
    rotary.backward(gradients.k, heads: shape.keyValueHeads, pass)
    attentionNorm.forward(layer.input, into: memory.normed, pass)
    query.addGradient(gradients.q, memory.normed, pass)
    key.addGradient(gradients.k, memory.normed, pass)
    value.addGradient(gradients.v, memory.normed, pass)
    query.backward(gradients.q, into: memory.normedGradient, pass)
    key.backward(gradients.k, into: memory.normedGradient, adding: true, pass)
    value.backward(gradients.v, into: memory.normedGradient, adding: true, pass)
    attentionNorm.backward(
      memory.normedGradient, at: layer.input, addingTo: memory.gradient, pass)
  }
}
