import Tensor

/// Puts the steps of one layer together.
struct LayerBuilder {
  let spec: LayerSpec
  /// W.
  let width: Int
  /// The number of the layer, from 0.
  let index: Int
  let weights: ModelWeights
  /// What the layer's attention shares with others'.
  let parts: GroupedAttention.Parts

  private var buffers: DecoderBuffers { parts.buffers }
  private var compute: Compute { parts.compute }
  /// A block's output is added to the residual stream at once.
  private var sum: Destination { Destination(matrix: buffers.hidden, isResidual: true) }
  /// Something is done to a block's output before it is added, or something else is done before.
  private var branch: Destination { Destination(matrix: buffers.branch, isResidual: false) }

  func build() throws -> [any LayerStep] {
    switch spec.placement {
    case .pre where !spec.changesBranches:
      [
        input(try norm("attn_norm")), try attention(to: sum), input(try norm("ffn_norm")),
        try feedForward(to: sum),
      ]
    case .pre:
      [
        input(try norm("attn_norm")), try attention(to: branch), residual(),
        input(try norm("ffn_norm")), try feedForward(to: branch), residual(),
      ]
    case .sandwich:
      [
        input(try norm("attn_norm")), try attention(to: branch),
        residual(try norm("post_attention_norm")), input(try norm("ffn_norm")),
        try feedForward(to: branch), residual(try norm("post_ffw_norm")),
      ]
    case .post:
      [
        input(), try attention(to: branch), residual(try norm("post_attention_norm")), input(),
        try feedForward(to: branch), residual(try norm("post_ffw_norm")),
      ]
    case .parallel:
      [input(try norm("attn_norm")), try attention(to: sum), try feedForward(to: sum)]
    case .parallelApart:
      [
        input(try norm("attn_norm")), try attention(to: branch), input(try norm("ffn_norm")),
        try feedForward(to: sum), residual(),
      ]
    case .afterSum:
      [
        input(), try attention(to: sum), try stream("attn_norm"), input(),
        try feedForward(to: sum), try stream("ffn_norm"),
      ]
    case .beforeSum:
      [
        try stream("attn_norm"), input(), try attention(to: sum), try stream("ffn_norm"),
        input(), try feedForward(to: sum),
      ]
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
  private func feedForward(to destination: Destination) throws -> FeedForward {
    let own = spec.feedForward
    return try FeedForward(
      own,
      weights: FeedForward.Weights(
        gate: own.isGated ? linear("ffn_gate") : nil, up: linear("ffn_up"),
        down: linear("ffn_down"), xielu: own.xielu.map(xielu)),
      buffers: buffers, compute: compute, destination: destination)
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

  private func attention(to destination: Destination) throws -> GroupedAttention {
    let own = spec.attention
    let slopes = own.alibi?.slopes(heads: own.queryHeads)
    return try GroupedAttention(
      own,
      weights: GroupedAttention.Weights(
        query: linear("attn_q"), key: linear("attn_k"), value: linear("attn_v"),
        output: linear("attn_output"),
        queryNorms: norms("attn_q_norm", heads: own.queryHeads),
        keyNorms: norms("attn_k_norm", heads: own.keyValueHeads),
        slopes: slopes?.withUnsafeBytes { try Vector($0) }),
      layer: index, parts: parts, destination: destination)
  }

  private func norms(_ name: String, heads: Int) throws -> [WeightedNorm] {
    guard let own = spec.attention.queryKeyNorm else { return [] }
    let (name, length) = ("blk.\(index).\(name)", spec.attention.headLength)
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
