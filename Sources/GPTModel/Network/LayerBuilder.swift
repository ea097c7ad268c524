import Tensor

/// Puts the steps of one layer together.
struct LayerBuilder {
  let spec: LayerSpec
  /// W.
  let width: Int
  /// The number of the layer, from 0.
  let index: Int
  let weights: ModelWeights
  let buffers: DecoderBuffers
  let compute: Compute
  /// What the layer's attention shares with others'; nil where it has none.
  let parts: GroupedAttention.Parts?

  /// A block's output is added to the residual stream at once.
  private var sum: Destination { Destination(matrix: buffers.hidden, isResidual: true) }
  /// Something is done to a block's output before it is added, or something else is done before.
  private var branch: Destination { Destination(matrix: buffers.branch, isResidual: false) }

  func build() throws -> [any LayerStep] {
    switch spec.placement {
    case .parallel:
      let input: [any LayerStep] = [input(try norm("attn_norm"))]
      return try input + attention(to: sum) + feedForward(to: sum)
    case .parallelApart:
      return try blocks(
        mixer: [input(norm("attn_norm"))] + attention(to: branch),
        feedForward: [input(norm("ffn_norm"))] + feedForward(to: sum) + [residual()])
    default:
      return try blocks(
        mixer: block("attn_norm", after: "post_attention_norm", attention),
        feedForward: block("ffn_norm", after: "post_ffw_norm", feedForward))
    }
  }

  /// The steps of those blocks that the layer has.
  private func blocks(
    mixer: @autoclosure () throws -> [any LayerStep],
    feedForward: @autoclosure () throws -> [any LayerStep]
  ) rethrows -> [any LayerStep] {
    (spec.attention == nil ? [] : try mixer()) + (spec.feedForward == nil ? [] : try feedForward())
  }

  /// A block that reads the residual stream and adds to it, with its norms.
  ///
  /// - Parameters:
  ///   - before: The name of the norm of its input, or of the residual stream.
  ///   - after: The name of the norm of its output.
  private func block(
    _ before: String, after: String, _ steps: (Destination) throws -> [any LayerStep]
  ) throws -> [any LayerStep] {
    switch spec.placement {
    case .pre where !spec.changesBranches:
      [input(try norm(before))] + (try steps(sum))
    case .pre:
      [input(try norm(before))] + (try steps(branch)) + [residual()]
    case .sandwich:
      [input(try norm(before))] + (try steps(branch)) + [residual(try norm(after))]
    case .afterSum:
      [input()] + (try steps(sum)) + [try stream(before)]
    case .beforeSum:
      [try stream(before), input()] + (try steps(sum))
    default:
      [input()] + (try steps(branch)) + [residual(try norm(after))]
    }
  }

  private func norm(_ name: String) throws -> WeightedNorm {
    try weights.norm(spec.norm, "blk.\(index).\(name)", count: width)
  }

  private func input(_ norm: WeightedNorm? = nil) -> Norm {
    Norm(norm, from: buffers.hidden, to: buffers.normed, compute: compute)
  }

  private func residual(_ norm: WeightedNorm? = nil) -> BranchResidual {
    BranchResidual(norm, scale: spec.residualScale, buffers: buffers, compute: compute)
  }

  private func stream(_ name: String) throws -> StreamNorm {
    StreamNorm(try norm(name), hidden: buffers.hidden, compute: compute)
  }

  private func linear(_ name: String) throws -> Linear {
    try weights.linear("blk.\(index).\(name)")
  }
}

extension LayerBuilder {
  private func feedForward(to destination: Destination) throws -> [any LayerStep] {
    guard let own = spec.feedForward else { return [] }
    return try [
      FeedForward(
        own,
        weights: FeedForward.Weights(
          gate: own.isGated ? linear("ffn_gate") : nil, up: linear("ffn_up"),
          down: linear("ffn_down"), xielu: own.xielu.map(xielu)),
        buffers: buffers, compute: compute, destination: destination)
    ]
  }

  private func xielu(_ figures: XIELUFigures) throws -> XIELU {
    if case .stated(let own) = figures { return own }
    func number(_ name: String) throws -> Float {
      try weights.vector("blk.\(index).ffn_act_\(name).weight").base.pointee
    }
    func optional(_ name: String) -> Float? {
      weights.optionalVector("blk.\(index).ffn_act_\(name).weight")?.base.pointee
    }
    return XIELU(
      trainedSquare: try number("square"), trainedExponential: try number("exponential"),
      slope: optional("slope") ?? XIELU.usualSlope,
      ceiling: optional("ceiling") ?? XIELU.usualCeiling)
  }

  private func attention(to destination: Destination) throws -> [any LayerStep] {
    guard let own = spec.attention, let parts else { return [] }
    let slopes = own.alibi?.slopes(heads: own.queryHeads)
    return try [
      GroupedAttention(
        own,
        weights: GroupedAttention.Weights(
          query: linear("attn_q"), key: linear("attn_k"), value: linear("attn_v"),
          output: linear("attn_output"),
          queryNorms: norms("attn_q_norm", of: own, heads: own.queryHeads),
          keyNorms: norms("attn_k_norm", of: own, heads: own.keyValueHeads),
          slopes: slopes?.withUnsafeBytes { try Vector($0) }),
        parts: parts, destination: destination)
    ]
  }

  private func norms(
    _ name: String, of attention: AttentionSpec, heads: Int
  ) throws -> [WeightedNorm] {
    guard let own = attention.queryKeyNorm else { return [] }
    let (name, length) = ("blk.\(index).\(name)", attention.headLength)
    return switch own.extent {
    case .head: [try weights.norm(own.norm, name, count: length)]
    case .row: [try weights.norm(own.norm, name, count: heads * length)]
    case .ownHead:
      try (0..<heads).map { try weights.norm(own.norm, "\(name).\($0)", count: length) }
    }
  }
}

extension ModelWeights {
  /// The linear layer of a name, with its bias where it has one.
  func linear(_ name: String) throws -> Linear {
    Linear(weight: try matrix("\(name).weight"), bias: optionalVector("\(name).bias"))
  }
}
