import ModelFiles
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
  /// The states of the layer's recurrence; nil where it has none.
  let states: LayerStates?

  /// A block's output is added to the residual stream at once.
  private var sum: Destination { Destination(matrix: buffers.hidden, isResidual: true) }
  /// Something is done to a block's output before it is added, or something else is done before.
  private var branch: Destination { Destination(matrix: buffers.branch, isResidual: false) }

  /// All steps of the layer.
  ///
  /// - Parameter streams: The streams of which the layer changes one; nil for a residual stream alone.
  func build(streams: Streams?) throws -> [any LayerStep] {
    var steps = try blocks()
    if let streams {
      steps = [try prediction(streams)] + steps + (try correction(streams))
    } else if let own = spec.perLayer {
      steps += [input(), try perLayer(own), residual(try norm("post_norm"))]
    }
    let scale = weights.optionalVector("blk.\(index).layer_output_scale.weight")
    if spec.hasOutputScale, let scale {
      steps.append(OutputScale(scale.base.pointee, hidden: buffers.hidden, compute: compute))
    }
    return steps
  }

  /// Attention and the feed-forward network, each with its norms.
  private func blocks() throws -> [any LayerStep] {
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
        mixer: block(
          spec.omitsFirstNorm ? nil : "attn_norm", after: "post_attention_norm", mixers)
          + laurel(),
        feedForward: block(
          spec.isFeedForwardOnly ? "attn_norm" : "ffn_norm",
          after: spec.isFeedForwardOnly ? "post_attention_norm" : "post_ffw_norm",
          [Branch(scale: spec.feedForwardScale, steps: feedForward)]))
    }
  }

  /// The steps of those blocks that the layer has.
  private func blocks(
    mixer: @autoclosure () throws -> [any LayerStep],
    feedForward: @autoclosure () throws -> [any LayerStep]
  ) rethrows -> [any LayerStep] {
    (spec.attention == nil && spec.recurrence == nil ? [] : try mixer())
      + (spec.hasFeedForward ? try feedForward() : [])
  }

  /// What is added to the residual stream, and a factor on it besides the layer's.
  private struct Branch {
    let scale: Float
    let steps: (Destination) throws -> [any LayerStep]
  }

  /// What mixes positions: one mixer, or two that read the same.
  private var mixers: [Branch] {
    (spec.attention == nil ? [] : [Branch(scale: spec.attentionScale, steps: attention)])
      + (spec.recurrence == nil ? [] : [Branch(scale: spec.recurrenceScale, steps: recurrence)])
  }

  /// A block that reads the residual stream and adds to it, with its norms.
  ///
  /// - Parameters:
  ///   - before: The name of the norm of its input, or of the residual stream; nil for none.
  ///   - after: The name of the norm of its output.
  private func block(
    _ before: String?, after: String, _ branches: [Branch]
  ) throws -> [any LayerStep] {
    switch spec.placement {
    case .pre:
      [input(try before.map(norm))] + (try branches.flatMap(added))
    case .sandwich:
      [input(try before.map(norm))] + (try gathered(branches)) + [residual(try norm(after))]
    case .afterSum:
      [input()] + (try branches.flatMap { try $0.steps(sum) }) + [try stream(before)]
    case .beforeSum:
      [try stream(before), input()] + (try branches.flatMap { try $0.steps(sum) })
    default:
      [input()] + (try gathered(branches)) + [residual(try norm(after))]
    }
  }

  /// A branch that is added as it is, or times a factor.
  private func added(_ own: Branch) throws -> [any LayerStep] {
    let scale = spec.residualScale * own.scale
    return scale == 1 ? try own.steps(sum) : try own.steps(branch) + [residual(scale: scale)]
  }

  /// Branches that are added to each other, before something is done with the sum.
  private func gathered(_ branches: [Branch]) throws -> [any LayerStep] {
    try branches.enumerated().flatMap { place, own in
      try own.steps(Destination(matrix: branch.matrix, isResidual: place > 0))
    }
  }

  private func norm(_ name: String) throws -> WeightedNorm {
    try weights.norm(spec.norm, "blk.\(index).\(name)", count: width)
  }

  private func input(_ norm: WeightedNorm? = nil) -> Norm {
    Norm(norm, from: buffers.hidden, to: buffers.normed, compute: compute)
  }

  private func residual(_ norm: WeightedNorm? = nil, scale: Float? = nil) -> BranchResidual {
    BranchResidual(
      norm, scale: scale ?? spec.residualScale, buffers: buffers, compute: compute)
  }

  private func stream(_ name: String?) throws -> StreamNorm {
    StreamNorm(try name.map(norm), hidden: buffers.hidden, compute: compute)
  }

  /// A linear layer of this layer.
  func linear(_ name: String) throws -> Linear {
    try weights.linear("blk.\(index).\(name)")
  }
}

extension LayerBuilder {
  private func feedForward(to destination: Destination) throws -> [any LayerStep] {
    if spec.hasExpertsBeside { return try bothNetworks() }
    if let own = spec.experts { return [try experts(own, to: destination)] }
    guard let own = spec.feedForward else { return [] }
    return try [
      FeedForward(
        own, weights: network(own, ""), buffers: buffers, compute: compute,
        destination: destination)
    ]
  }

  /// A feed-forward network and the experts beside it: N(M(x)) + N(Σ w E(N(h))), whose router reads the
  /// residual stream h over its root mean square, times weights of its own over √W.
  private func bothNetworks() throws -> [any LayerStep] {
    guard let network = spec.feedForward, let experts = spec.experts else { return [] }
    return try [
      FeedForward(
        network, weights: self.network(network, ""), buffers: buffers, compute: compute,
        destination: branch),
      StreamNorm(norm("post_ffw_norm_1"), hidden: buffers.branch, compute: compute),
      Norm(routerNorm(), from: buffers.hidden, to: buffers.routed, compute: compute),
      input(norm("pre_ffw_norm_2")),
      self.experts(
        experts, routerInput: buffers.routed,
        to: Destination(matrix: buffers.mixed, isResidual: false)),
      BranchSum(
        norm("post_ffw_norm_2"), from: buffers.mixed, to: buffers.branch, compute: compute),
    ]
  }

  private func routerNorm() throws -> WeightedNorm {
    let scale = try weights.vector("blk.\(index).ffn_gate_inp.scale").array
    let root = Float(width).squareRoot()
    return WeightedNorm(
      spec.norm, weight: try scale.map { $0 / root }.withUnsafeBytes { try Vector($0) },
      count: width)
  }

  /// The weights of a feed-forward network.
  ///
  /// - Parameter kind: What stands in names behind the parts'.
  private func network(_ spec: MLPSpec, _ kind: String) throws -> FeedForward.Weights {
    try FeedForward.Weights(
      gate: spec.isGated ? linear("ffn_gate\(kind)") : nil, up: linear("ffn_up\(kind)"),
      down: linear("ffn_down\(kind)"), xielu: spec.xielu.map(xielu))
  }

  private func experts(
    _ own: ExpertsSpec, routerInput: RoundedMatrix? = nil, to destination: Destination
  ) throws -> Experts {
    guard let memory = buffers.experts else {
      throw ModelError(.missing, field: "blk.\(index)", "there is no memory for experts")
    }
    func vector(_ name: String, where isThere: Bool) throws -> Vector? {
      isThere ? try weights.vector("blk.\(index).\(name)") : nil
    }
    return try Experts(
      own,
      weights: Experts.Weights(
        router: linear("ffn_gate_inp"),
        selectionBias: vector("exp_probs_b.bias", where: own.routing.hasSelectionBias),
        scales: vector("ffn_down_exps.scale", where: own.hasScales),
        networks: (0..<own.count).map { try network(own.network, "_exps.\($0)") },
        shared: own.shared.map { try network($0.network, "_shexp") },
        sharedGate: own.shared?.hasGate == true ? linear("ffn_gate_inp_shexp") : nil,
        latents: own.latentWidth.map { _ in
          LatentExperts.Weights(
            down: try linear("ffn_latent_down"), up: try linear("ffn_latent_up"))
        }),
      parts: Experts.Parts(
        input: buffers.normed, routerInput: routerInput ?? buffers.normed, memory: memory,
        compute: compute,
        destination: destination))
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
    if let latent = own.latent {
      return [try latentAttention(own, latent, parts, to: destination)]
    }
    let slopes = own.alibi?.slopes(heads: own.queryHeads)
    return try [
      GroupedAttention(
        own,
        weights: GroupedAttention.Weights(
          query: linear("attn_q"), key: own.source == nil ? linear("attn_k") : nil,
          value: own.hasValueProjection ? linear("attn_v") : nil, output: linear("attn_output"),
          gate: own.hasOutputGate ? linear("attn_q_gate") : nil,
          queryNorms: norms("attn_q_norm", of: own, heads: own.queryHeads),
          keyNorms: own.source == nil
            ? norms("attn_k_norm", of: own, heads: own.keyValueHeads) : [],
          valueNorms: valueNorms(of: own),
          slopes: slopes?.withUnsafeBytes { try Vector($0) },
          sinks: own.hasSinks ? weights.vector("blk.\(index).attn_sinks.weight") : nil),
        parts: parts, destination: destination)
    ]
  }

  private func latentAttention(
    _ own: AttentionSpec, _ latent: LatentSpec, _ parts: GroupedAttention.Parts,
    to destination: Destination
  ) throws -> LatentAttention {
    func norm(_ name: String, _ count: Int) throws -> WeightedNorm {
      try weights.norm(latent.norm, "blk.\(index).\(name)", count: count)
    }
    func heads(_ name: String) throws -> [Linear] {
      try (0..<own.queryHeads).map { try linear("\(name).\($0)") }
    }
    let reduction = try latent.queryRank.map {
      LatentAttention.Reduction(
        rank: $0, matrix: try linear("attn_q_a"), norm: try norm("attn_q_a_norm", $0))
    }
    return try LatentAttention(
      own, latent,
      weights: LatentAttention.Weights(
        reduction: reduction, query: linear(reduction == nil ? "attn_q" : "attn_q_b"),
        latent: linear("attn_kv_a_mqa"), latentNorm: norm("attn_kv_a_norm", latent.rank),
        keys: heads("attn_k_b"), values: heads("attn_v_b"), output: linear("attn_output")),
      parts: parts, destination: destination)
  }

  /// The norm of values, whose weights are 1.
  private func valueNorms(of attention: AttentionSpec) throws -> [WeightedNorm] {
    guard let epsilon = attention.valueEpsilon, attention.source == nil else { return [] }
    return [try unweighted(NormSpec(epsilon: epsilon), count: attention.headLength)]
  }

  /// A norm whose weights are 1.
  private func unweighted(_ spec: NormSpec, count: Int) throws -> WeightedNorm {
    let ones = [Float](repeating: 1, count: count)
    return WeightedNorm(
      spec, weight: try ones.withUnsafeBytes { try Vector($0) }, count: count)
  }

  private func norms(
    _ name: String, of attention: AttentionSpec, heads: Int
  ) throws -> [WeightedNorm] {
    guard let own = attention.queryKeyNorm else { return [] }
    let (name, length) = ("blk.\(index).\(name)", attention.headLength)
    guard own.hasWeights else { return [try unweighted(own.norm, count: length)] }
    return switch own.extent {
    case .head: [try weights.norm(own.norm, name, count: length)]
    case .row: [try weights.norm(own.norm, name, count: heads * length)]
    case .ownHead:
      try (0..<heads).map { try weights.norm(own.norm, "\(name).\($0)", count: length) }
    }
  }
}

extension LayerBuilder {
  private func laurel() throws -> [any LayerStep] {
    guard let rank = spec.laurelRank else { return [] }
    return [
      try Laurel(
        rank: rank,
        Laurel.Weights(
          left: linear("laurel_l"), right: linear("laurel_r"), norm: norm("laurel_post_norm")),
        buffers: buffers, compute: compute)
    ]
  }

  /// What is made of the layer's part of the second embedding.
  private func perLayer(_ own: PerLayerInput) throws -> PerLayerStep {
    try PerLayerStep(
      own, layer: index,
      weights: PerLayerStep.Weights(gate: linear("inp_gate"), projection: linear("proj")),
      buffers: buffers, compute: compute, destination: branch)
  }

  private func prediction(_ streams: Streams) throws -> any LayerStep {
    try StreamPrediction(
      streams, router: router(),
      coefficients: weights.vector("blk.\(index).altup_predict_coef.weight"))
  }

  private func correction(_ streams: Streams) throws -> [any LayerStep] {
    let scale = streams.spec.scalesOutput ? "blk.\(index).altup_correct_scale.weight" : nil
    let correction = try StreamCorrection(
      streams,
      StreamCorrection.Weights(
        router: router(),
        coefficients: weights.vector("blk.\(index).altup_correct_coef.weight"),
        scale: scale.map { try weights.vector($0) }))
    guard let own = spec.perLayer else { return [correction] }
    return try [
      correction, perLayer(own), StreamAddition(streams, norm: norm("post_norm")),
    ]
  }

  private func router() throws -> StreamRouter.Weights {
    StreamRouter.Weights(norm: try norm("altup_router_norm"), router: try linear("altup_router"))
  }
}

extension ModelWeights {
  /// The linear layer of a name, with its bias where it has one.
  func linear(_ name: String) throws -> Linear {
    Linear(
      weight: try matrix("\(name).weight"), bias: optionalVector("\(name).bias"),
      updates: updates(of: "\(name).weight"))
  }
}
