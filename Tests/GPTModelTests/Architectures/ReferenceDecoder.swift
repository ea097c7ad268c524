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
  /// The keys and values of the positions so far, [L, C, G D] each, and what recurrences keep of them.
  struct Context {
    var keys: [[[Double]]]
    var values: [[[Double]]]
    /// The states of recurrences, [L].
    var states: [ReferenceState]
    fileprivate var count = 0

    /// Positions that a layer has seen.
    func position(ofLayer layer: Int) -> Int { count }
  }

  /// What it computes; a test changes a value to see whether that would be noticed.
  var spec: TransformerSpec
  /// How it rounds queries, keys, values and the weights of attention; nil for not at all.
  var round: ReferenceRounding? = ReferenceRounding()
  /// Whether the weights of attention are rounded.
  var roundsWeights = true
  /// How products are summed; nil for in double precision.
  var sums: ReferenceSums?
  let tensors: [String: [Double]]
  private let roundsInputs: Bool

  /// Reads a model's tensors.
  init(
    _ source: any ModelSource, among architectures: [any Architecture.Type] = Architectures.all
  ) throws {
    let architecture = try Architectures.named(source.configuration, among: architectures)
    spec = try architecture.description(source.configuration)
    var tensors: [String: [Double]] = [:]
    var isQuantized = false
    _ = try source.read(architecture.naming, for: spec.tensors) { tensor, bytes in
      var values = [Float](repeating: 0, count: tensor.elementCount)
      values.withUnsafeMutableBufferPointer { tensor.format.decode(bytes, into: $0) }
      tensors[tensor.name] = values.map {
        tensor.isLogarithm ? -exp(Double($0)) : Double($0) + Double(tensor.offset)
      }
      if tensor.format.blockLength > 1 { isQuantized = true }
    }
    self.tensors = tensors
    roundsInputs = isQuantized
  }

  /// Reads a tiny model's tensors.
  init(_ model: TinyModel) throws {
    try self.init(model.source())
  }

  /// The logits of every position, [C, V].
  func logits(of tokens: [Token]) throws -> [[Double]] {
    try states(of: tokens).map { state in
      let last = spec.embedding.width == nil ? state : product(state, "output_proj")
      var logits = product(last, spec.head.isTied ? "token_embd" : "output")
      if spec.head.isTied, spec.head.hasBias { logits = add(logits, tensors["output.bias"] ?? []) }
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
    return Context(
      keys: none, values: none,
      states: Array(repeating: ReferenceState(), count: spec.layers.count))
  }

  /// The state of the next position after the last norm, [W].
  func state(of token: Token, in context: inout Context) throws -> [Double] {
    var hidden = embedded(token, at: context.count)
    let parts = perLayerParts(of: token, hidden)
    if let streams = spec.streams {
      var all = entered(hidden, streams)
      for index in spec.layers.indices {
        all = try output(ofLayer: index, streams: all, parts[index], in: &context)
      }
      hidden = left(all)
    } else {
      for index in spec.layers.indices {
        hidden = try output(ofLayer: index, hidden, in: &context)
        hidden = finished(hidden, layer: index, parts[index])
      }
    }
    context.count += 1
    return spec.head.norm.map { norm(hidden, $0, "output_norm") } ?? hidden
  }

  /// A token's row of the embedding, with all that is done to it.
  private func embedded(_ token: Token, at position: Int) -> [Double] {
    let width = spec.embedding.width ?? spec.width
    let row = weight("token_embd")[(Int(token) * width)..<((Int(token) + 1) * width)]
    var hidden = row.map { $0 * Double(spec.embedding.scale) }
    if spec.embedding.width != nil { hidden = product(hidden, "token_embd_proj") }
    if let positions = spec.embedding.positions {
      let first = (positions.first + position) * spec.width
      hidden = add(hidden, Array(weight("position_embd")[first..<first + spec.width]))
    }
    return spec.embedding.norm.map { norm(hidden, $0, "token_embd_norm") } ?? hidden
  }

  /// The residual stream after a layer's blocks.
  func output(
    ofLayer index: Int, _ hidden: [Double], in context: inout Context
  ) throws -> [Double] {
    let layer = spec.layers[index]
    let factor = Double(layer.residualScale)
    func attended(_ x: [Double]) throws -> [Double] {
      var sum = x.map { _ in 0.0 }
      if layer.attention != nil {
        let own = try attention(x, ofLayer: index, in: &context)
        sum = add(sum, own.map { $0 * factor * Double(layer.attentionScale) })
      }
      if let recurrence = layer.recurrence {
        let own = mixed(x, recurrence, "blk.\(index).", in: &context.states[index])
        sum = add(sum, own.map { $0 * factor * Double(layer.recurrenceScale) })
      }
      return sum
    }
    func fed(_ x: [Double]) -> [Double] {
      if let own = layer.experts {
        return experts(x, own, "blk.\(index).").map { $0 * factor }
      }
      guard let network = layer.feedForward else { return x.map { _ in 0 } }
      return mlp(x, network, "blk.\(index).").map { $0 * factor * Double(layer.feedForwardScale) }
    }
    func normed(_ x: [Double], _ name: String) -> [Double] {
      norm(x, layer.norm, "blk.\(index).\(name)")
    }
    switch layer.placement {
    case .pre where layer.isFeedForwardOnly:
      return add(hidden, fed(normed(hidden, "attn_norm")))
    case .pre:
      let sum = add(hidden, try attended(normed(hidden, "attn_norm")))
      return layer.hasFeedForward ? add(sum, fed(normed(sum, "ffn_norm"))) : sum
    case .sandwich:
      let input = normed(hidden, "attn_norm")
      let mixed = normed(try attended(input), "post_attention_norm")
      let sum = beside(add(hidden, mixed), input, layer: index)
      let output =
        layer.hasExpertsBeside ? both(sum, layer: index) : fed(normed(sum, "ffn_norm"))
      return add(sum, normed(output, "post_ffw_norm"))
    case .post:
      let sum = add(hidden, normed(try attended(hidden), "post_attention_norm"))
      return add(sum, normed(fed(sum), "post_ffw_norm"))
    case .parallel:
      let input = normed(hidden, "attn_norm")
      return add(hidden, add(try attended(input), fed(input)))
    case .parallelApart:
      let mixed = try attended(normed(hidden, "attn_norm"))
      return add(hidden, add(mixed, fed(normed(hidden, "ffn_norm"))))
    case .afterSum:
      let sum = normed(add(hidden, try attended(hidden)), "attn_norm")
      return normed(add(sum, fed(sum)), "ffn_norm")
    case .beforeSum:
      let input = normed(hidden, "attn_norm")
      let sum = normed(add(input, try attended(input)), "ffn_norm")
      return add(sum, fed(sum))
    }
  }

  /// What attention of a layer gives for the next position.
  private func attention(
    _ input: [Double], ofLayer index: Int, in context: inout Context
  ) throws -> [Double] {
    let block = "blk.\(index)."
    guard let attention = spec.layers[index].attention else { return input }
    if let latent = attention.latent {
      return try self.attention(input, latent, ofLayer: index, in: &context)
    }
    func projected(_ name: String) -> [Double] {
      let values = product(input, block + name)
      guard let bound = attention.clamp.map(Double.init) else { return values }
      return values.map { min(bound, max(-bound, $0)) }
    }
    let position = context.position(ofLayer: index)
    let source = attention.source ?? index
    let queries = heads(projected("attn_q"), attention, at: position, block + "attn_q_norm")
    if attention.source == nil {
      let unturned = projected("attn_k")
      let keys = heads(unturned, attention, at: position, block + "attn_k_norm")
      let values = attention.valuesAreKeys ? unturned : projected("attn_v")
      context.keys[index].append(try rounded(keys))
      context.values[index].append(try rounded(valuesNormed(values, attention)))
    }
    var mixed = try attend(
      attention, try rounded(warmed(queries, attention, at: position)),
      keys: context.keys[source], values: context.values[source],
      sinks: attention.hasSinks ? weight(block + "attn_sinks") : [])
    if attention.hasOutputGate {
      mixed = zip(mixed, product(input, block + "attn_q_gate")).map { $0 / (1 + exp(-$1)) }
    }
    return product(mixed, block + "attn_output")
  }

  func rounded(_ vector: [Double]) throws -> [Double] { try round?(vector) ?? vector }

  func weight(_ name: String) -> [Double] { tensors[name + ".weight"] ?? [] }

  /// The sum of two rows.
  func add(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map(+) }

  func norm(_ x: [Double], _ spec: NormSpec, _ name: String) -> [Double] {
    var values = x
    if spec.kind != .rootMeanSquare {
      let mean = x.reduce(0, +) / Double(x.count)
      values = x.map { $0 - mean }
    }
    let square = values.reduce(0) { $0 + $1 * $1 } / Double(x.count)
    values = values.map { $0 / (square + Double(spec.epsilon)).squareRoot() }
    if spec.hasWeight { values = zip(values, weight(name)).map(*) }
    return spec.hasBias ? add(values, tensors[name + ".bias"] ?? []) : values
  }

  private func capped(_ x: [Double], _ cap: Float?) -> [Double] {
    guard let cap = cap.map(Double.init) else { return x }
    return x.map { cap * tanh($0 / cap) }
  }

  /// The product with the weights of a name, and the bias where there is one.
  func product(_ x: [Double], _ name: String) -> [Double] {
    let (input, weights) = (roundsInputs ? roundedTo15Bits(x) : x, weight(name))
    let products = weights.withUnsafeBufferPointer { weights in
      input.withUnsafeBufferPointer { input in
        if let sums { return sums.product(weights, input) }
        return stride(from: 0, to: weights.count, by: input.count).map { row in
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
    return stride(from: 0, to: x.count, by: length).flatMap { start in
      let own = norms.extent == .ownHead ? "\(name).\(start / length)" : name
      let values = Array(x[start..<start + length])
      guard norms.hasWeights else {
        let square = values.reduce(0) { $0 + $1 * $1 } / Double(length)
        return values.map { $0 / (square + Double(norms.norm.epsilon)).squareRoot() }
      }
      return norm(values, norms.norm, own)
    }
  }

  /// Queries times 1 + β ln(1 + ⌊(p + first) / length⌋).
  func warmed(_ x: [Double], _ attention: AttentionSpec, at position: Int) -> [Double] {
    guard let temperature = attention.temperature else { return x }
    let steps = (Double(position + temperature.first) / Double(temperature.length)).rounded(.down)
    return x.map { $0 * (1 + temperature.scale * log(1 + steps)) }
  }

  /// What each head of the last position gathers from the positions that it sees, [Q D].
  func attend(
    _ attention: AttentionSpec, _ queries: [Double], keys: [[Double]], values: [[Double]],
    sinks: [Double]
  ) throws -> [Double] {
    let length = attention.headLength
    let group = attention.queryHeads / attention.keyValueHeads
    var first = keys.count - min(keys.count, attention.window ?? .max)
    if let chunk = attention.chunk { first = (keys.count - 1) / chunk * chunk }
    return try (0..<attention.queryHeads).flatMap { head in
      let (own, shared) = (head * length, head / group * length)
      let slope = attention.alibi.map { self.slope($0, head, of: attention.queryHeads) } ?? 0
      let scores = zip(
        first...,
        capped(
          keys[first...].map { key in
            Double(attention.scale)
              * (0..<length).reduce(0) { $0 + queries[own + $1] * key[shared + $1] }
          }, attention.softCap)
      ).map { position, score in score - slope * Double(keys.count - 1 - position) }
      let sink = sinks.isEmpty ? -.infinity : sinks[head]
      // Weights are rounded against the highest score, the sink's not among them.
      let highest = scores.max() ?? 0
      let exact = scores.map { exp($0 - highest) }
      let sum = exact.reduce(exp(sink - highest), +)
      let weights = roundsWeights ? try round?.weights(exact, of: scores) ?? exact : exact
      return (0..<length).map { element in
        zip(weights, values[first...]).reduce(0) { $0 + $1.0 / sum * $1.1[shared + element] }
      }
    }
  }

  /// Of the slopes of the next power of two of heads those at odd places, then those at even ones, as far
  /// as there are heads.
  private func slope(_ alibi: Alibi, _ head: Int, of heads: Int) -> Double {
    var count = 1
    while count < heads { count *= 2 }
    let steps = (1...count).map { alibi.maximum * Double($0) / Double(count) }
    let odd = steps.indices.filter { $0 % 2 == 1 }
    let even = steps.indices.filter { $0 % 2 == 0 }
    let places = count == heads ? Array(steps.indices) : odd + even
    return alibi.scale * pow(2, -steps[places[head]])
  }

  /// What a feed-forward network gives.
  ///
  /// - Parameter kind: What stands behind the parts in names, as of an expert.
  func mlp(_ x: [Double], _ spec: MLPSpec, _ block: String, _ kind: String = "") -> [Double] {
    let up = product(x, block + "ffn_up" + kind)
    guard spec.isGated else {
      let values = up.map { value in
        spec.xielu.map { bent(value, $0, block) } ?? activated(value, spec.activation)
      }
      return product(values, block + "ffn_down" + kind)
    }
    let gates = product(x, block + "ffn_gate" + kind).map { $0 * Double(spec.gateScale) }
    let gate = thinned(gates, spec)
    let values = zip(gate, up).map { gate, up in
      guard let figures = spec.boundedGate else { return activated(gate, spec.activation) * up }
      let (limit, slope) = (Double(figures.limit), Double(figures.slope))
      let low = min(gate, limit)
      return (max(-limit, min(limit, up)) + 1) * low / (1 + exp(-slope * low))
    }
    return product(values, block + "ffn_down" + kind)
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

  func activated(_ x: Double, _ activation: Activation) -> Double {
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
