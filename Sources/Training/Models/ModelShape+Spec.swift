package import GPTModel
import ModelFiles
import Tensor

extension ModelShape {
  /// The sizes of a model that is served, where all of it can be trained.
  ///
  /// - Throws: An error that names what this trainer has no backward pass for.
  package init(_ spec: TransformerSpec) throws(TrainingError) {
    guard let layer = spec.layers.first, let attention = layer.attention,
      let feedForward = layer.feedForward, let rotary = attention.rotary
    else { throw Self.untrainable("a layer without attention, angles or feed-forward network") }
    self.init(
      vocabulary: spec.vocabularySize, width: spec.width, layers: spec.layers.count,
      attention: Attention(
        queryHeads: attention.queryHeads, keyValueHeads: attention.keyValueHeads,
        headLength: attention.headLength),
      feedForward: feedForward.width, context: min(spec.contextLength, Self.mostPositions))
    ropeBase = rotary.base
    epsilon = layer.norm.epsilon
    isTied = spec.head.isTied
    try Self.checkFrame(spec)
    for layer in spec.layers { try check(layer, context: spec.contextLength) }
    try check()
  }

  /// Positions whose angles are tabled; rows of training are shorter.
  private static let mostPositions = 8192

  private static func untrainable(_ what: String) -> TrainingError {
    TrainingError(
      .configuration, field: "architecture", "\(what) cannot be trained; Llama's layers can")
  }

  private static func refuse(_ found: [(Bool, String)]) throws(TrainingError) {
    for (isFound, what) in found where isFound { throw untrainable(what) }
  }

  /// Refuses what stands around the layers of other architectures.
  private static func checkFrame(_ spec: TransformerSpec) throws(TrainingError) {
    let (embedding, head) = (spec.embedding, spec.head)
    try refuse([
      (embedding.scale != 1, "a factor on the embedding"),
      (embedding.positions != nil || embedding.types != nil, "rows that are added by position"),
      (embedding.norm != nil, "a norm of the embedding"),
      (embedding.width != nil || embedding.perLayer != nil, "another embedding"),
      (spec.streams != nil, "several residual streams"),
      (!head.hasLogits || head.hasBias, "a head without logits, or with a bias"),
      (head.scale != 1 || head.softCap != nil, "logits that are scaled or bound"),
      (head.norm != spec.layers.first?.norm, "a last norm of another kind"),
    ])
  }

  /// Refuses a layer that is not like the first, or has more than Llama's.
  private func check(_ layer: LayerSpec, context: Int) throws(TrainingError) {
    try Self.refuse([
      (layer.placement != .pre || layer.omitsFirstNorm, "norms in other places"),
      (layer.norm.kind != .rootMeanSquare || layer.norm.epsilon != epsilon, "another norm"),
      (layer.recurrence != nil, "a recurrence"), (layer.experts != nil, "experts"),
      (layer.changesBranches, "a factor on what a block adds"),
      (layer.perLayer != nil || layer.laurelRank != nil, "further inputs of a layer"),
      (layer.hasOutputScale, "a factor on the residual stream"),
    ])
    guard let attention = layer.attention, let feedForward = layer.feedForward else {
      throw Self.untrainable("a layer without attention or feed-forward network")
    }
    try check(attention, context: context)
    try Self.refuse([
      (feedForward.width != self.feedForward, "layers of several widths"),
      (feedForward.activation != .silu || !feedForward.isGated, "another activation"),
      (feedForward.xielu != nil || feedForward.boundedGate != nil, "another activation"),
      (feedForward.gateScale != 1 || feedForward.threshold != nil, "gates of another kind"),
      (feedForward.hasBias, "a bias"),
    ])
  }

  private func check(_ attention: AttentionSpec, context: Int) throws(TrainingError) {
    let scale = 1 / Float(headLength).squareRoot()
    let rotary = attention.rotary
    try Self.refuse([
      (attention.queryHeads != queryHeads, "layers of several numbers of heads"),
      (attention.keyValueHeads != keyValueHeads, "layers of several numbers of heads"),
      (attention.headLength != headLength, "layers of several head lengths"),
      ((attention.scale / scale - 1).magnitude > 1e-6, "another factor on scores"),
      (attention.hasInputBias || attention.hasOutputBias, "a bias"),
      (attention.hasOutputGate || attention.hasSinks, "a gate or a sink of attention"),
      (attention.queryKeyNorm != nil || attention.valueEpsilon != nil, "norms of heads"),
      (attention.temperature != nil || attention.alibi != nil, "scores that depend on distance"),
      (attention.clamp != nil || attention.softCap != nil, "bound numbers"),
      (!attention.isCausal || attention.chunk != nil, "attention of another kind"),
      ((attention.window ?? context) < context, "a window"),
      (attention.valuesAreKeys || attention.source != nil, "shared keys"),
      (attention.latent != nil, "latent keys"),
      (rotary?.dimensions != headLength, "heads that turn in part"),
      (rotary?.scaling != RotaryScaling.none, "stretched angles"),
      (rotary?.base != ropeBase, "angles that differ by layer"),
    ])
  }
}
