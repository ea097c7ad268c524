import Foundation
import GPTModel
import ModelFiles
import Tensor
import TestSupport

/// Every architecture once more, in plain double precision, for comparison.
///
/// Written from the papers, sharing no code with the decoder but the spec's values and the decoding of
/// weights. It makes the roundings that the decoder makes on purpose, 15-bit inputs of quantised weights,
/// and queries, keys, values and weights of attention as bfloat16, and no others.
struct ReferenceDecoder {
  /// The keys and values of the positions so far, [L, C, G D] each.
  struct Context {
    fileprivate var keys: [[[Double]]]
    fileprivate var values: [[[Double]]]
    fileprivate var count: Int { keys.first?.count ?? 0 }
  }

  /// What it computes; a test changes a value to see whether that would be noticed.
  var spec: TransformerSpec
  /// How it rounds queries, keys, values and the weights of attention; nil for not at all.
  var round: ReferenceRounding? = ReferenceRounding()
  /// Whether the weights of attention are rounded.
  var roundsWeights = true
  let tensors: [String: [Double]]
  private let roundsInputs: Bool

  /// Reads a model's tensors.
  init(
    _ source: any ModelSource, among architectures: [any Architecture.Type] = Architectures.all
  ) throws {
    let architecture = try Architectures.named(source.configuration, among: architectures)
    spec = try architecture.spec(source.configuration)
    var tensors: [String: [Double]] = [:]
    var isQuantized = false
    _ = try source.read(architecture.naming, for: spec.tensors) { tensor, bytes in
      var values = [Float](repeating: 0, count: tensor.elementCount)
      values.withUnsafeMutableBufferPointer { tensor.format.decode(bytes, into: $0) }
      tensors[tensor.name] = values.map { Double($0) + Double(tensor.offset) }
      if tensor.format.blockLength > 1 { isQuantized = true }
    }
    self.tensors = tensors
    roundsInputs = isQuantized
  }

  /// Reads a tiny model's tensors.
  init(_ model: TinyModel) throws {
    try self.init(GGUFSource(MemorySource(model.bytes())))
  }

  /// The logits of every position, [C, V].
  func logits(of tokens: [Token]) throws -> [[Double]] {
    try states(of: tokens).map { state in
      let logits = product(state, spec.head.isTied ? "token_embd" : "output")
      return capped(logits.map { $0 * Double(spec.head.scale) }, spec.head.softCap)
    }
  }

  /// The states of every position after the last norm, [C, W].
  func states(of tokens: [Token]) throws -> [[Double]] {
    var context = emptyContext
    return try tokens.map { try state(of: $0, in: &context) }
  }

  /// The context of a text's first token.
  var emptyContext: Context {
    let none = Array(repeating: [[Double]](), count: spec.layers.count)
    return Context(keys: none, values: none)
  }

  /// The state of the next position after the last norm, [W].
  func state(of token: Token, in context: inout Context) throws -> [Double] {
    let width = spec.width
    let row = weight("token_embd")[(Int(token) * width)..<((Int(token) + 1) * width)]
    var hidden = row.map { $0 * Double(spec.embedding.scale) }
    let position = context.count
    for (index, layer) in spec.layers.enumerated() {
      let block = "blk.\(index)."
      let attention = layer.attention
      let input = before(hidden, layer, block + "attn_norm")
      let queries = heads(
        product(input, block + "attn_q"), attention, at: position, block + "attn_q_norm")
      let keys = heads(
        product(input, block + "attn_k"), attention, at: position, block + "attn_k_norm")
      context.keys[index].append(try rounded(keys))
      context.values[index].append(try rounded(product(input, block + "attn_v")))
      let mixed = try attend(
        attention, try rounded(warmed(queries, attention, at: position)),
        keys: context.keys[index], values: context.values[index])
      hidden = add(
        hidden, after(product(mixed, block + "attn_output"), layer, block + "post_attention_norm"))
      let branch = mlp(before(hidden, layer, block + "ffn_norm"), layer.feedForward, block)
      hidden = add(hidden, after(branch, layer, block + "post_ffw_norm"))
    }
    return norm(hidden, spec.head.norm, "output_norm")
  }

  /// What a block reads of the residual stream.
  private func before(_ hidden: [Double], _ layer: LayerSpec, _ name: String) -> [Double] {
    switch layer.placement {
    case .pre, .sandwich: norm(hidden, layer.norm, name)
    case .post: hidden
    }
  }

  /// What is added to the residual stream of what a block gave.
  private func after(_ branch: [Double], _ layer: LayerSpec, _ name: String) -> [Double] {
    switch layer.placement {
    case .pre: branch.map { $0 * Double(layer.residualScale) }
    case .sandwich, .post: norm(branch, layer.norm, name).map { $0 * Double(layer.residualScale) }
    }
  }

  private func rounded(_ vector: [Double]) throws -> [Double] { try round?(vector) ?? vector }

  private func weight(_ name: String) -> [Double] { tensors[name + ".weight"] ?? [] }

  private func add(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map(+) }

  private func norm(_ x: [Double], _ spec: NormSpec, _ name: String) -> [Double] {
    let mean = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
    let scale = 1 / (mean + Double(spec.epsilon)).squareRoot()
    return zip(x, weight(name)).map { $0 * scale * $1 }
  }

  private func capped(_ x: [Double], _ cap: Float?) -> [Double] {
    guard let cap = cap.map(Double.init) else { return x }
    return x.map { cap * tanh($0 / cap) }
  }

  private func product(_ x: [Double], _ name: String) -> [Double] {
    let (input, weights) = (roundsInputs ? roundedTo15Bits(x) : x, weight(name))
    let products = weights.withUnsafeBufferPointer { weights in
      input.withUnsafeBufferPointer { input in
        stride(from: 0, to: weights.count, by: input.count).map { row in
          // A plain loop, which is fast without optimisation too.
          var sum = 0.0
          var index = 0
          while index < input.count {
            sum += weights[row &+ index] * input[index]
            index &+= 1
          }
          return sum
        }
      }
    }
    return tensors[name + ".bias"].map { add(products, $0) } ?? products
  }

  private func roundedTo15Bits(_ x: [Double]) -> [Double] {
    stride(from: 0, to: x.count, by: 32).flatMap { start -> [Double] in
      let block = x[start..<(start + 32)]
      let scale = (block.map(\.magnitude).max() ?? 0) / 16_319
      return block.map { scale > 0 ? ($0 / scale).rounded(.toNearestOrEven) * scale : 0 }
    }
  }

  /// Normalises heads, where the layer does, and turns them to a position.
  private func heads(
    _ x: [Double], _ attention: AttentionSpec, at position: Int, _ name: String
  ) -> [Double] {
    let norms = attention.queryKeyNorm
    let first = norms?.followsRotation == false ? normed(x, attention, name) : x
    let length = attention.headLength
    let turned = stride(from: 0, to: x.count, by: length).flatMap { start -> [Double] in
      let head = Array(first[start..<start + length])
      return attention.rotary.map { self.turned(head, $0, at: position) } ?? head
    }
    return norms?.followsRotation == true ? normed(turned, attention, name) : turned
  }

  /// Normalises queries or keys: each head, or all together.
  private func normed(_ x: [Double], _ attention: AttentionSpec, _ name: String) -> [Double] {
    guard let norms = attention.queryKeyNorm else { return x }
    let length = norms.extent == .row ? x.count : attention.headLength
    return stride(from: 0, to: x.count, by: length).flatMap {
      norm(Array(x[$0..<$0 + length]), norms.norm, name)
    }
  }

  /// Queries times 1 + β ln(1 + ⌊p / length⌋).
  private func warmed(_ x: [Double], _ attention: AttentionSpec, at position: Int) -> [Double] {
    guard let temperature = attention.temperature else { return x }
    let steps = (Double(position) / Double(temperature.length)).rounded(.down)
    return x.map { $0 * (1 + temperature.scale * log(1 + steps)) }
  }

  /// What each head of the last position gathers from the positions that it sees, [Q D].
  private func attend(
    _ attention: AttentionSpec, _ queries: [Double], keys: [[Double]], values: [[Double]]
  ) throws -> [Double] {
    let length = attention.headLength
    let group = attention.queryHeads / attention.keyValueHeads
    let first = keys.count - min(keys.count, attention.window ?? .max)
    return try (0..<attention.queryHeads).flatMap { head in
      let (own, shared) = (head * length, head / group * length)
      let scores = capped(
        keys[first...].map { key in
          Double(attention.scale)
            * (0..<length).reduce(0) { $0 + queries[own + $1] * key[shared + $1] }
        }, attention.softCap)
      let highest = scores.max() ?? 0
      let exact = scores.map { exp($0 - highest) }
      let sum = exact.reduce(0, +)
      let weights = roundsWeights ? try round?.weights(exact, of: scores) ?? exact : exact
      return (0..<length).map { element in
        zip(weights, values[first...]).reduce(0) { $0 + $1.0 / sum * $1.1[shared + element] }
      }
    }
  }

  private func mlp(_ x: [Double], _ spec: MLPSpec, _ block: String) -> [Double] {
    let up = product(x, block + "ffn_up")
    guard spec.isGated else {
      let values = up.map { value in
        spec.xielu.map { bent(value, $0, block) } ?? activated(value, spec.activation)
      }
      return product(values, block + "ffn_down")
    }
    let gate = product(x, block + "ffn_gate").map { activated($0, spec.activation) }
    return product(zip(gate, up).map(*), block + "ffn_down")
  }

  /// xIELU: a square above 0, an exponential from 0 down.
  private func bent(_ x: Double, _ figures: XIELUFigures, _ block: String) -> Double {
    let (square, exponential, slope, ceiling): (Double, Double, Double, Double)
    switch figures {
    case .stated(let own):
      (square, exponential) = (Double(own.square), Double(own.exponential))
      (slope, ceiling) = (Double(own.slope), Double(own.ceiling))
    case .tensors:
      slope = tensors[block + "ffn_act_slope.weight"]?.first ?? 0.5
      ceiling = tensors[block + "ffn_act_ceiling.weight"]?.first ?? -1e-6
      square = log(1 + exp(weight(block + "ffn_act_square").first ?? .nan))
      exponential = slope + log(1 + exp(weight(block + "ffn_act_exponential").first ?? .nan))
    }
    return x > 0
      ? square * x * x + slope * x : exponential * (expm1(min(x, ceiling)) - x) + slope * x
  }

  private func activated(_ x: Double, _ activation: Activation) -> Double {
    switch activation {
    case .silu: x / (1 + exp(-x))
    case .gelu: x / 2 * (1 + erf(x / 2.0.squareRoot()))
    case .geluTanh: x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .relu: max(0, x)
    case .reluSquared: max(0, x) * max(0, x)
    }
  }
}

extension ReferenceDecoder {
  /// Tokens, one chosen after the other, such that no number of the text is near a tie; fewer where each
  /// of the vocabulary has one.
  ///
  /// What a position computes depends on the tokens up to its own alone.
  func tokensWithoutTies(_ count: Int, noise: Double) -> [Token] {
    var reference = self
    reference.round?.noise = noise
    var context = emptyContext
    var tokens: [Token] = []
    for place in 0..<count {
      let candidates = (0..<spec.vocabularySize).lazy.map {
        Token((place * 37 + $0 * 101 + 11) % spec.vocabularySize)
      }
      let found = candidates.first { token in
        var extended = context
        guard (try? reference.state(of: token, in: &extended)) != nil else { return false }
        context = extended
        return true
      }
      guard let found else { break }
      tokens.append(found)
    }
    return tokens
  }
}
