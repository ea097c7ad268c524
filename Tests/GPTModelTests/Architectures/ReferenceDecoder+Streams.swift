import Foundation
import GPTModel
import Tensor

/// Several residual streams, and the second embedding.
extension ReferenceDecoder {
  /// The parts of all layers, [L][P]; none where there is no second embedding.
  func perLayerParts(of token: Token, _ embedded: [Double]) -> [[Double]] {
    guard let own = spec.embedding.perLayer else {
      return Array(repeating: [], count: spec.layers.count)
    }
    let columns = own.width * spec.layers.count
    let row = Int(token) < own.rows ? Int(token) : 0
    let looked = weight("per_layer_token_embd")[row * columns..<(row + 1) * columns]
    let products = product(embedded, "per_layer_model_proj")
      .map { $0 / Double(spec.width).squareRoot() }
    return spec.layers.indices.map { layer in
      let range = layer * own.width..<(layer + 1) * own.width
      let normed = norm(Array(products[range]), own.norm, "per_layer_proj_norm")
      return zip(normed, Array(looked)[range]).map {
        ($0 + $1 * Double(own.width).squareRoot()) / 2.0.squareRoot()
      }
    }
  }

  /// What a layer adds for its part.
  private func perLayerOutput(_ x: [Double], layer: Int, _ part: [Double]) -> [Double] {
    guard let own = spec.layers[layer].perLayer else { return Array(repeating: 0, count: x.count) }
    let gates = product(x, "blk.\(layer).inp_gate").map { activated($0, own.activation) }
    let output = product(zip(gates, part).map(*), "blk.\(layer).proj")
    return norm(output, spec.layers[layer].norm, "blk.\(layer).post_norm")
  }

  /// The residual stream at a layer's end.
  func finished(_ x: [Double], layer: Int, _ part: [Double]) -> [Double] {
    let own = spec.layers[layer]
    let sum = own.perLayer == nil ? x : add(x, perLayerOutput(x, layer: layer, part))
    guard own.hasOutputScale else { return sum }
    let factor = weight("blk.\(layer).layer_output_scale").first ?? 1
    return sum.map { $0 * factor }
  }

  /// The residual stream behind attention, where a linear map stands beside it.
  func beside(_ sum: [Double], _ input: [Double], layer: Int) -> [Double] {
    guard spec.layers[layer].laurelRank != nil else { return sum }
    let block = "blk.\(layer).laurel_"
    let output = norm(
      product(product(input, block + "l"), block + "r"), spec.layers[layer].norm,
      block + "post_norm")
    return zip(sum, add(input, output)).map { ($0 + $1) / 2.0.squareRoot() }
  }

  /// Gates of which the largest are kept.
  func thinned(_ gates: [Double], _ spec: MLPSpec) -> [Double] {
    guard let threshold = spec.threshold.map(Double.init) else { return gates }
    let mean = gates.reduce(0, +) / Double(gates.count)
    let variance = gates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gates.count)
    return gates.map { max(0, $0 - mean - threshold * variance.squareRoot()) }
  }

  /// Values with the norm of each head.
  func valuesNormed(_ values: [Double], _ attention: AttentionSpec) -> [Double] {
    guard let epsilon = attention.valueEpsilon.map(Double.init) else { return values }
    return stride(from: 0, to: values.count, by: attention.headLength).flatMap { start in
      let head = values[start..<start + attention.headLength]
      let square = head.reduce(0) { $0 + $1 * $1 } / Double(head.count)
      return head.map { $0 / (square + epsilon).squareRoot() }
    }
  }

  private func magnitude(_ x: [Double]) -> Double {
    (x.reduce(0) { $0 + $1 * $1 } / Double(x.count)).squareRoot()
  }

  private func matched(_ x: [Double], to target: [Double]) -> [Double] {
    let own = max(magnitude(x), 1e-5.squareRoot())
    return x.map { $0 * magnitude(target) / own }
  }

  /// The streams that are made of the embedding.
  func entered(_ embedded: [Double], _ streams: StreamsSpec) -> [[Double]] {
    [embedded]
      + (1..<streams.count).map { matched(product(embedded, "altup_proj.\($0 - 1)"), to: embedded) }
  }

  /// The one row that is made of the streams.
  func left(_ streams: [[Double]]) -> [Double] {
    let others = (1..<streams.count).map {
      matched(product(streams[$0], "altup_unembd_proj.\($0 - 1)"), to: streams[0])
    }
    return others.reduce(streams[0], add).map { $0 / Double(streams.count) }
  }

  private func shares(_ x: [Double], layer: Int) -> [Double] {
    let block = "blk.\(layer).altup_"
    return product(norm(x, spec.layers[layer].norm, block + "router_norm"), block + "router")
      .map { tanh($0 / Double(spec.width)) }
  }

  /// The streams after a layer.
  func output(
    ofLayer index: Int, streams: [[Double]], _ part: [Double], in context: inout Context
  ) throws -> [[Double]] {
    guard let own = spec.streams else { return streams }
    let block = "blk.\(index).altup_"
    func coefficient(_ name: String, _ row: Int, _ shares: [Double]) -> Double {
      let weights = weight(block + name)[row * own.count..<(row + 1) * own.count]
      return zip(weights, shares).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let before = shares(streams[own.active], layer: index)
    var mixed = (0..<own.count).map { to in
      (0..<own.count).reduce(streams[to]) { sum, from in
        let share = coefficient("predict_coef", to * own.count + from, before)
        return zip(sum, streams[from]).map { $0 + share * $1 }
      }
    }
    let changed = try output(ofLayer: index, mixed[own.active], in: &context)
    let change = zip(changed, mixed[own.active]).map(-)
    let after = shares(changed, layer: index)
    for stream in mixed.indices {
      let share = coefficient("correct_coef", stream, after) + 1
      mixed[stream] = zip(mixed[stream], change).map { $0 + share * $1 }
    }
    var next = mixed[own.active]
    if own.scalesOutput { next = zip(next, weight(block + "correct_scale")).map(*) }
    let output = perLayerOutput(next, layer: index, part)
    for stream in 1..<mixed.count { mixed[stream] = add(mixed[stream], output) }
    return mixed
  }
}

extension ReferenceDecoder {
  /// What a feed-forward network and the experts beside it give together.
  func both(_ hidden: [Double], layer index: Int) -> [Double] {
    let (layer, block) = (spec.layers[index], "blk.\(index).")
    guard let network = layer.feedForward, let experts = layer.experts else { return hidden }
    func normed(_ x: [Double], _ name: String) -> [Double] { norm(x, layer.norm, block + name) }
    let first = normed(mlp(normed(hidden, "ffn_norm"), network, block), "post_ffw_norm_1")
    let size =
      (hidden.reduce(0) { $0 + $1 * $1 } / Double(hidden.count)
      + Double(layer.norm.epsilon)).squareRoot()
    let scale = tensors[block + "ffn_gate_inp.scale"] ?? []
    let routed = zip(hidden, scale).map { $0 / size * $1 / Double(hidden.count).squareRoot() }
    let second = self.experts(
      normed(hidden, "pre_ffw_norm_2"), experts, block, routedBy: routed)
    return add(first, normed(second, "post_ffw_norm_2"))
  }
}
