import Tensor

/// A state space of heads: Dao and Gu, "Transformers are SSMs", 2024.
///
/// The input is projected to z, x, B, C and dt; x, B and C are convolved; each head moves its state on and
/// reads it; the results are gated by z, normalised, and projected back.
final class Mamba2Mixer: RowOperation, LayerStep {
  /// The weights of one layer.
  struct Weights {
    let input: Linear
    let convolution: Vector
    let convolutionBias: Vector?
    let stepBias: Vector
    /// A, [H].
    let decay: Vector
    /// D, [H].
    let skip: Vector
    /// [inner]; nil for no norm.
    let norm: Vector?
    let output: Linear
  }

  private let spec: Mamba2Spec
  private let weights: Weights
  private let heads: Heads
  private let channels: Channels
  private let norms: [RMSNorm]
  private let project: LinearGroup
  private let combine: LinearGroup
  private let projected: Matrix
  private let out: Matrix
  private let compute: Compute

  /// - Parameter destination: Where the output goes.
  init(
    _ spec: Mamba2Spec, weights: Weights, parts: RecurrenceParts, destination: Destination
  ) throws(TensorError) {
    self.spec = spec
    self.weights = weights
    compute = parts.compute
    let buffers = parts.buffers
    projected = buffers.queries.columns(0..<(spec.inner + spec.channels + spec.heads))
    let inner = buffers.attended.first(columns: spec.inner)
    out = inner.floats
    channels = Channels(
      spec: spec, states: parts.states,
      blocks: try ConvolutionBlocks(
        spec.convolution, channels: spec.channels, weights: weights.convolution,
        bias: weights.convolutionBias, activates: true), stepBias: weights.stepBias,
      projected: projected, processor: compute.processor)
    heads = Heads(
      spec: spec, weights: weights, states: parts.states, projected: projected, out: out,
      processor: compute.processor)
    let length = spec.inner / spec.groups
    norms =
      weights.norm.map { norm in
        (0..<spec.groups).map {
          RMSNorm(
            weights: norm.base + $0 * length, count: length, epsilon: spec.normEpsilon)
        }
      } ?? []
    project = try LinearGroup(
      input: buffers.normed.floats, quantized: buffers.normed.quantized,
      items: [weights.input.item(to: projected)])
    combine = try LinearGroup(
      input: inner.floats, quantized: inner.quantized,
      items: [weights.output.item(to: destination)])
  }

  /// Mixes the normalised rows, [T, W].
  func run(_ batch: Batch) {
    project.runQuantized(rows: batch.rows, on: compute)
    compute.forEachRun(of: batch, channels)
    compute.forEachRun(of: batch, heads)
    compute.forEachRow(of: batch, self)
    combine.run(rows: batch.rows, on: compute)
  }

  /// Gates and normalises the results of a row.
  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let (values, gates) = (out.row(row), projected.row(row))
    if let factors = spec.factors {
      compute.processor.scale(gates, count: spec.inner, by: factors[0])
    }
    if spec.gatedNorm == .beforeGate { normalize(values) }
    compute.processor.gated(.silu, gate: gates, up: values, into: values, count: spec.inner)
    if spec.gatedNorm == .afterGate { normalize(values) }
  }

  private func normalize(_ values: UnsafeMutablePointer<Float>) {
    for (group, norm) in norms.enumerated() {
      let own = values + group * norm.count
      norm.apply(to: own, into: own, using: compute.processor)
    }
  }
}

/// The convolution of x, B and C in blocks, and as the last part what dt is made of.
private final class Channels: RunOperation {
  private let spec: Mamba2Spec
  private let states: LayerStates
  private let blocks: ConvolutionBlocks
  private let stepBias: Vector
  private let projected: Matrix
  private let processor: Processor

  var parts: Int { blocks.count + 1 }

  init(
    spec: Mamba2Spec, states: LayerStates, blocks: ConvolutionBlocks, stepBias: Vector,
    projected: Matrix, processor: Processor
  ) {
    self.spec = spec
    self.states = states
    self.blocks = blocks
    self.stepBias = stepBias
    self.projected = projected
    self.processor = processor
  }

  func run(part: Int, of run: StateRun) {
    let rows = projected.rows(run.rows)
    guard part < blocks.count else {
      let steps = rows.columns(spec.inner + spec.channels..<rows.columns)
      for row in 0..<steps.rows { prepare(steps.row(row)) }
      return
    }
    let own = rows.columns(spec.inner..<spec.inner + spec.channels)
    if let factors = spec.factors { scale(own, blocks.range(part), by: factors) }
    blocks.apply(
      block: part, to: own, state: states.state(run.slot), isFresh: run.isFresh,
      using: processor)
  }

  /// Makes dt of what a row was projected to, [H].
  private func prepare(_ steps: UnsafeMutablePointer<Float>) {
    if let factors = spec.factors { processor.scale(steps, count: spec.heads, by: factors[4]) }
    processor.softplus(steps, bias: stepBias.base, count: spec.heads)
    let (least, most) = (spec.stepRange.lowerBound, spec.stepRange.upperBound)
    for head in 0..<spec.heads {
      // What is not a number stays none.
      if steps[head] < least { steps[head] = least }
      if steps[head] > most { steps[head] = most }
    }
  }

  /// Multiplies some channels by the factors on x, B and C.
  private func scale(_ rows: Matrix, _ range: Range<Int>, by factors: [Float]) {
    let shared = spec.groups * spec.states
    let ends = [0, spec.inner, spec.inner + shared, spec.channels]
    for part in 0..<3 {
      let own = range.clamped(to: ends[part]..<ends[part + 1])
      guard !own.isEmpty else { continue }
      for row in 0..<rows.rows {
        processor.scale(rows.row(row) + own.lowerBound, count: own.count, by: factors[part + 1])
      }
    }
  }
}

/// The heads, which move their states on.
private final class Heads: RunOperation {
  private let spec: Mamba2Spec
  private let weights: Mamba2Mixer.Weights
  private let states: LayerStates
  private let offset: Int
  private let projected: Matrix
  private let out: Matrix
  private let processor: Processor

  var parts: Int { spec.heads }

  init(
    spec: Mamba2Spec, weights: Mamba2Mixer.Weights, states: LayerStates, projected: Matrix,
    out: Matrix, processor: Processor
  ) {
    self.spec = spec
    self.weights = weights
    self.states = states
    offset = RecurrenceSpec.mamba2(spec).convolutionCount
    self.projected = projected
    self.out = out
    self.processor = processor
  }

  func run(part head: Int, of run: StateRun) {
    let count = spec.headLength * spec.states
    let state = states.state(run.slot) + offset + head * count
    if run.isFresh { state.update(repeating: 0, count: count) }
    let rows = projected.rows(run.rows)
    let group = head / (spec.heads / spec.groups)
    let input = rows.base + 2 * spec.inner + group * spec.states
    let columns = head * spec.headLength..<(head + 1) * spec.headLength
    let work = StateSpaceHead(
      x: rows.columns(spec.inner + columns.lowerBound..<spec.inner + columns.upperBound),
      input: input, output: input + spec.groups * spec.states,
      step: rows.base + spec.inner + spec.channels + head, states: spec.states,
      decay: weights.decay.base[head], skip: weights.skip.base[head])
    work.advance(
      state, into: out.rows(run.rows).columns(columns), using: processor)
  }
}
