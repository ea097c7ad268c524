import Tensor
import Testing

@testable import Training

/// Each block, forward and backward, against PyTorch in double precision.
@Suite("Blocks against PyTorch's")
struct BlockGoldenTests {
  private let bound = 2e-5
  private let file = Result { try GoldenFile("blocks.safetensors") }
  /// W = 48, F = 80, V = 70, Q = 4, G = 2, D = 16, as the goldens have them.
  private let shape = ModelShape(
    vocabulary: 70, width: 48, layers: 1,
    attention: .init(queryHeads: 4, keyValueHeads: 2, headLength: 16), feedForward: 80,
    context: 19)

  /// Parameters, their gradients and a leaf for a block.
  private final class Bench {
    let list: ParameterList
    let weights: FloatBuffer
    let gradient: FloatBuffer
    let packed: PackedParameters
    let products: MatrixProducts
    private let pool = WorkerPool(threads: 1)

    init(_ shape: ModelShape, _ values: [String: [Float]]) throws {
      let kernels = try TrainingKernels()
      list = ParameterList(shape)
      weights = try FloatBuffer(count: list.count)
      gradient = try FloatBuffer(count: list.count)
      for tensor in list.tensors {
        guard let values = values[tensor.name] else { continue }
        for (index, value) in values.enumerated() { weights.base[tensor.offset + index] = value }
      }
      packed = try PackedParameters(list, kernels: kernels)
      packed.pack(weights, on: pool)
      products = try MatrixProducts(kernels: kernels, largest: 256 * 128)
    }

    func index(_ name: String) throws -> Int {
      try #require(list.tensors.firstIndex { $0.name == name })
    }

    func gradient(of name: String) throws -> [Float] {
      Array(gradient[list.tensors[try index(name)].range])
    }

    func pass(_ leaf: Leaf) -> LeafPass {
      LeafPass(
        leaf: leaf, products: products, weights: weights.base, packed: packed,
        gradient: gradient.base)
    }
  }

  /// The two rows of the goldens, as one leaf.
  private func leaf(tokens: [Int32]? = nil, targets: [Int32]? = nil) throws -> Leaf {
    let none = [Int32](repeating: 0, count: 38)
    return try Golden.leaf(
      tokens: (tokens ?? none)[...], targets: (targets ?? none)[...],
      positions: file.get().integers("positions")[...])
  }

  private func empty(_ count: Int) -> [Float] { [Float](repeating: 0, count: count) }

  @Test("RMSNorm", arguments: ["rms_norm", "rms_norm_tiny"])
  func norm(name: String) throws {
    let file = try file.get()
    let x = try file.floats("\(name).x")
    let bench = try Bench(shape, ["blk.0.attn_norm.weight": try file.floats("\(name).weight")])
    defer { withExtendedLifetime(bench) {} }
    let weight = bench.list.tensors[try bench.index("blk.0.attn_norm.weight")]
    let block = RMSNormBlock(weight: weight, epsilon: 1e-5)
    var y = empty(x.count)
    var dx = empty(x.count)
    let rows = x.count / 48
    let pass = bench.pass(try leaf())
    block.forward(x, into: &y, rows: rows, pass)
    block.backward(
      try file.floats("\(name).grad_out"), at: x, addingTo: &dx, rows: rows, pass)
    #expect(worst(y, try file.values("\(name).out")) < bound)
    #expect(worst(dx, try file.values("\(name).grad_x")) < bound)
    let dg = try bench.gradient(of: weight.name)
    #expect(worst(dg, try file.values("\(name).grad_weight")) < bound)
  }

  @Test("Rotary positions")
  func rotary() throws {
    let file = try file.get()
    var x = try file.floats("rotary_interleaved.x")
    var dx = try file.floats("rotary_interleaved.grad_out")
    let block = try RotaryBlock(shape)
    let bench = try Bench(shape, [:])
    defer { withExtendedLifetime(bench) {} }
    let pass = bench.pass(try leaf())
    block.forward(&x, heads: 4, pass)
    block.backward(&dx, heads: 4, pass)
    #expect(worst(x, try file.values("rotary_interleaved.out")) < bound)
    #expect(worst(dx, try file.values("rotary_interleaved.grad_x")) < bound)
  }

  @Test("Attention", arguments: ["attention", "attention_sharp"])
  func attention(name: String) throws {
    let file = try file.get()
    let rows = 38
    let sizes = [64, 32, 32, 64, 4, 4].map { $0 * rows }
    let states = try (sizes + sizes).map { try FloatBuffer(count: $0) }
    for (place, part) in ["q", "k", "v"].enumerated() {
      for (index, value) in try file.floats("\(name).\(part)").enumerated() {
        states[place].base[index] = value
      }
    }
    func state(_ first: Int) -> GroupedAttentionBlock.State {
      let bases = states[first..<first + 6].map(\.base)
      return GroupedAttentionBlock.State(
        q: bases[0], k: bases[1], v: bases[2], out: bases[3], greatest: bases[4],
        inverseSum: bases[5])
    }
    let scratch = try FloatBuffer(count: GroupedAttentionBlock.scratch(shape, rows: rows))
    defer { withExtendedLifetime((states, scratch)) {} }
    let block = GroupedAttentionBlock(shape: shape)
    let bench = try Bench(shape, [:])
    defer { withExtendedLifetime(bench) {} }
    let pass = bench.pass(try leaf())
    block.forward(state(0), scratch: scratch.base, pass)
    block.backward(
      try file.floats("\(name).grad_out"), state(0), into: state(6), scratch: scratch.base, pass)
    #expect(worst(states[3][0..<sizes[0]], try file.values("\(name).out")) < bound)
    for (place, part) in ["q", "k", "v"].enumerated() {
      let error = worst(
        states[6 + place][0..<sizes[place]], try file.values("\(name).grad_\(part)"))
      #expect(error < bound, "\(part): \(error)")
    }
  }

  @Test("SwiGLU")
  func swiglu() throws {
    let file = try file.get()
    var gate = try file.floats("swiglu.gate")
    var up = try file.floats("swiglu.up")
    var out = empty(gate.count)
    let block = SwiGLUBlock()
    let bench = try Bench(shape, [:])
    defer { withExtendedLifetime(bench) {} }
    let pass = bench.pass(try leaf())
    block.forward(gate: gate, up: up, into: &out, count: gate.count, pass)
    block.backward(
      try file.floats("swiglu.grad_out"), gate: &gate, up: &up, count: gate.count, pass)
    #expect(worst(out, try file.values("swiglu.out")) < bound)
    #expect(worst(gate, try file.values("swiglu.grad_gate")) < bound)
    #expect(worst(up, try file.values("swiglu.grad_up")) < bound)
  }

  @Test("Linear")
  func linear() throws {
    let file = try file.get()
    let name = "blk.0.ffn_gate.weight"
    let x = try file.floats("linear.x")
    let dy = try file.floats("linear.grad_out")
    let bench = try Bench(shape, [name: try file.floats("linear.weight")])
    defer { withExtendedLifetime(bench) {} }
    let index = try bench.index(name)
    let block = Linear(index: index, weight: bench.list.tensors[index])
    var y = empty(dy.count)
    var dx = empty(x.count)
    let pass = bench.pass(try leaf())
    block.forward(x, into: &y, pass)
    block.backward(dy, into: &dx, pass)
    block.addGradient(dy, x, pass)
    #expect(worst(y, try file.values("linear.out")) < bound)
    #expect(worst(dx, try file.values("linear.grad_x")) < bound)
    #expect(worst(try bench.gradient(of: name), try file.values("linear.grad_weight")) < bound)
  }

  @Test("Head and cross-entropy, with rows that are ignored", arguments: ["head", "head_sharp"])
  func head(name: String) throws {
    let file = try file.get()
    let embedding = "token_embd.weight"
    let x = try file.floats("\(name).x")
    let bench = try Bench(shape, [embedding: try file.floats("\(name).weight")])
    let leaf = try leaf(targets: try file.integers("head.targets"))
    let block = HeadBlock(linear: Linear(index: 0, weight: bench.list.tensors[0]))
    let scratch = try (0..<2).map { _ in try FloatBuffer(count: x.count) }
    let logits = try FloatBuffer(count: 70 * HeadBlock.chunk(vocabulary: 70))
    defer { withExtendedLifetime((bench, scratch, logits)) {} }
    var dx = empty(x.count)
    var losses = empty(38)
    block.forwardAndBackward(
      x, into: &dx,
      .init(rows: scratch[0].base, gradients: scratch[1].base, logits: logits.base),
      bench.pass(leaf)
    ) { losses[$0] = Float(-$1) }
    let count = Float(leaf.kept)
    #expect(worst(losses, try file.values("\(name).nll")) < bound)
    #expect(worst(dx.map { $0 / count }, try file.values("\(name).grad_x")) < bound)
    let dw = try bench.gradient(of: embedding).map { $0 / count }
    #expect(worst(dw, try file.values("\(name).grad_weight")) < bound)
  }

  @Test("Embedding, with tokens that come again")
  func embedding() throws {
    let file = try file.get()
    let bench = try Bench(shape, [:])
    defer { withExtendedLifetime(bench) {} }
    EmbeddingBlock(weight: bench.list.tensors[0]).backward(
      try file.floats("embedding.grad_out"),
      bench.pass(try leaf(tokens: try file.integers("embedding.tokens"))))
    let found = try bench.gradient(of: "token_embd.weight")
    #expect(worst(found, try file.values("embedding.grad_weight")) < bound)
  }
}
