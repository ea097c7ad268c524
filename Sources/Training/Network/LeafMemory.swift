package import Tensor

/// What one worker needs to take a leaf through the network and back.
// Unchecked: one thread at a time uses it.
package final class LeafMemory: @unchecked Sendable {
  /// What the backward pass of a layer needs of its forward pass.
  struct Layer {
    /// The residual stream before the layer, [N, W].
    let input: UnsafeMutablePointer<Float>
    /// Queries, keys, values and what attention made of them.
    let attention: GroupedAttentionBlock.State
    /// The residual stream after attention, [N, W].
    let middle: UnsafeMutablePointer<Float>
    /// a of SwiGLU, [N, F].
    let gate: UnsafeMutablePointer<Float>
    /// b of SwiGLU, [N, F].
    let up: UnsafeMutablePointer<Float>
  }

  /// Tokens that fit.
  package let rows: Int
  let products: MatrixProducts
  private(set) var layers: [Layer] = []
  /// The residual stream after the last layer, [N, W].
  let output: UnsafeMutablePointer<Float>
  /// A norm of the residual stream, and then its gradient, [N, W].
  let normed: UnsafeMutablePointer<Float>
  let normedGradient: UnsafeMutablePointer<Float>
  /// The gradient of the residual stream, [N, W].
  let gradient: UnsafeMutablePointer<Float>
  /// h of SwiGLU and its gradient, [N, F].
  let hidden: UnsafeMutablePointer<Float>
  let hiddenGradient: UnsafeMutablePointer<Float>
  /// The gradients of attention's operands; `out` holds that of what was gathered.
  let attentionGradients: GroupedAttentionBlock.State
  let attentionScratch: UnsafeMutablePointer<Float>
  let head: HeadBlock.Scratch
  private let memory: FloatBuffer

  /// Reserves memory for leaves of up to `rows` tokens.
  package init(
    _ shape: ModelShape, rows: Int, kernels: TrainingKernels
  ) throws(TensorError) {
    var plan = MemoryPlan()
    let layers = (0..<shape.layers).map { _ in plan.layer(shape, rows: rows) }
    let stream = rows * shape.width
    let wide = rows * shape.feedForward
    let streams = (0..<6).map { _ in plan.add(stream) }
    let hidden = plan.add(wide)
    let hiddenGradient = plan.add(wide)
    let attention = plan.attention(shape, rows: rows)
    let scratch = plan.add(GroupedAttentionBlock.scratch(shape, rows: rows))
    let logits = plan.add(
      shape.vocabulary * HeadBlock.chunk(vocabulary: shape.vocabulary))
    let memory = try FloatBuffer(count: plan.count)
    self.memory = memory
    self.rows = rows
    products = try MatrixProducts(
      kernels: kernels, largest: Self.largestRight(shape, rows: rows, panel: kernels.panel))
    self.layers = layers.map { $0.layer(in: memory) }
    output = memory.base + streams[0]
    normed = memory.base + streams[1]
    normedGradient = memory.base + streams[2]
    gradient = memory.base + streams[3]
    head = HeadBlock.Scratch(
      rows: memory.base + streams[4], gradients: memory.base + streams[5],
      logits: memory.base + logits)
    self.hidden = memory.base + hidden
    self.hiddenGradient = memory.base + hiddenGradient
    attentionGradients = attention.state(in: memory)
    attentionScratch = memory.base + scratch
  }

  /// Elements of the largest matrix that stands on the right of a product unpacked: inputs, where
  /// gradients of weights are computed.
  private static func largestRight(_ shape: ModelShape, rows: Int, panel: Int) -> Int {
    let widest = max(shape.width, shape.queryWidth, shape.feedForward)
    let depth = max(rows, HeadBlock.chunk(vocabulary: shape.vocabulary))
    return depth * widest.roundedUp(to: panel)
  }
}

/// Places in a buffer that is not there yet.
private struct MemoryPlan {
  private(set) var count = 0

  /// Where a number of elements begins, aligned to 64 bytes.
  mutating func add(_ elements: Int) -> Int {
    defer { count += elements.roundedUp(to: 16) }
    return count
  }

  struct Attention {
    let places: [Int]

    func state(in memory: FloatBuffer) -> GroupedAttentionBlock.State {
      let parts = places.map { memory.base + $0 }
      return GroupedAttentionBlock.State(
        q: parts[0], k: parts[1], v: parts[2], out: parts[3], greatest: parts[4],
        inverseSum: parts[5])
    }
  }

  struct Layer {
    let attention: Attention
    let places: [Int]

    func layer(in memory: FloatBuffer) -> LeafMemory.Layer {
      LeafMemory.Layer(
        input: memory.base + places[0], attention: attention.state(in: memory),
        middle: memory.base + places[1], gate: memory.base + places[2],
        up: memory.base + places[3])
    }
  }

  mutating func attention(_ shape: ModelShape, rows: Int) -> Attention {
    let sizes = [
      shape.queryWidth, shape.keyWidth, shape.keyWidth, shape.queryWidth, shape.queryHeads,
      shape.queryHeads,
    ]
    return Attention(places: sizes.map { add(rows * $0) })
  }

  mutating func layer(_ shape: ModelShape, rows: Int) -> Layer {
    let attention = attention(shape, rows: rows)
    let sizes = [shape.width, shape.width, shape.feedForward, shape.feedForward]
    return Layer(attention: attention, places: sizes.map { add(rows * $0) })
  }
}
