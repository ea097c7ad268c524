import Tensor

/// A state space of channels: Gu and Dao, "Mamba", 2023.
///
/// The input is projected to x and z; x is convolved, and projected to what dt, B and C are made of; each
/// channel moves its state on and reads it; the results are gated by z and projected back.
final class MambaMixer: RowOperation, LayerStep {
  /// The weights of one layer.
  struct Weights {
    let input: Linear
    let convolution: Vector
    let convolutionBias: Vector?
    /// x to what dt is projected from, B and C.
    let selection: Linear
    let step: Linear
    /// A, [inner, states].
    let decay: Vector
    /// D, [inner].
    let skip: Vector
    let output: Linear
  }

  private let spec: MambaSpec
  private let channels: ConvolvedChannels
  private let scan: ScannedChannels
  private let norms: SelectionNorms?
  private let project: LinearGroup
  private let select: LinearGroup
  private let step: LinearGroup
  private let combine: LinearGroup
  private let projected: Matrix
  private let out: Matrix
  private let compute: Compute

  /// - Parameter destination: Where the output goes.
  init(
    _ spec: MambaSpec, weights: Weights, parts: RecurrenceParts, destination: Destination
  ) throws(TensorError) {
    self.spec = spec
    compute = parts.compute
    let (buffers, inner) = (parts.buffers, spec.inner)
    projected = buffers.queries.columns(0..<3 * inner)
    let selected = buffers.gates.floats.columns(0..<(spec.rank + 2 * spec.states))
    let convolved = buffers.attended.first(columns: inner)
    out = convolved.floats
    channels = ConvolvedChannels(
      states: parts.states,
      blocks: try ConvolutionBlocks(
        spec.convolution, channels: inner, weights: weights.convolution,
        bias: weights.convolutionBias, activates: true), rows: projected.columns(0..<inner),
      out: out, processor: compute.processor)
    let steps = projected.columns(2 * inner..<3 * inner)
    scan = ScannedChannels(
      spec: spec, states: parts.states,
      parameters: try StateSpaceChannels.Parameters(decay: weights.decay, skip: weights.skip),
      rows: (out, steps, selected), processor: compute.processor)
    norms =
      if let epsilon = spec.normEpsilon {
        try SelectionNorms(
          spec, epsilon: epsilon, rows: selected, processor: parts.compute.processor)
      } else { nil }
    project = try LinearGroup(
      input: buffers.normed.floats, quantized: buffers.normed.quantized,
      items: [weights.input.item(to: projected.columns(0..<2 * inner))])
    select = try LinearGroup(
      input: convolved.floats, quantized: convolved.quantized,
      items: [weights.selection.item(to: selected)])
    let ranks = buffers.gates.first(columns: spec.rank)
    step = try LinearGroup(
      input: ranks.floats, quantized: ranks.quantized, items: [weights.step.item(to: steps)])
    combine = try LinearGroup(
      input: convolved.floats, quantized: convolved.quantized,
      items: [weights.output.item(to: destination)])
  }

  /// Mixes the normalised rows, [T, W].
  func run(_ batch: Batch) {
    project.runQuantized(rows: batch.rows, on: compute)
    compute.forEachRun(of: batch, channels)
    select.run(rows: batch.rows, on: compute)
    if let norms { compute.forEachRow(of: batch, norms) }
    step.run(rows: batch.rows, on: compute)
    compute.forEachRun(of: batch, scan)
    compute.forEachRow(of: batch, self)
    combine.run(rows: batch.rows, on: compute)
  }

  /// Gates the results of a row.
  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let values = out.row(row)
    compute.processor.gated(
      .silu, gate: projected.row(row) + spec.inner, up: values, into: values, count: spec.inner)
  }
}

/// The convolution of x in blocks, whose results are copied to where products read them.
private final class ConvolvedChannels: RunOperation {
  private let states: LayerStates
  private let blocks: ConvolutionBlocks
  private let rows: Matrix
  private let out: Matrix
  private let processor: Processor

  var parts: Int { blocks.count }

  init(
    states: LayerStates, blocks: ConvolutionBlocks, rows: Matrix, out: Matrix,
    processor: Processor
  ) {
    self.states = states
    self.blocks = blocks
    self.rows = rows
    self.out = out
    self.processor = processor
  }

  func run(part: Int, of run: StateRun) {
    let own = rows.rows(run.rows)
    blocks.apply(
      block: part, to: own, state: states.state(run.slot), isFresh: run.isFresh,
      using: processor)
    let range = blocks.range(part)
    for row in 0..<own.rows {
      (out.row(run.rows.lowerBound + row) + range.lowerBound).update(
        from: own.row(row) + range.lowerBound, count: range.count)
    }
  }
}

/// The channels in blocks, which move their states on.
private final class ScannedChannels: RunOperation {
  /// Channels that one worker takes at a time.
  private static let length = 64

  private let spec: MambaSpec
  private let states: LayerStates
  private let offset: Int
  private let parameters: StateSpaceChannels.Parameters
  /// What is mixed, what dt is made of, [T, inner], and what it was projected from, B and C.
  private let rows: (x: Matrix, steps: Matrix, selected: Matrix)
  private let processor: Processor

  var parts: Int { (spec.inner + Self.length - 1) / Self.length }

  init(
    spec: MambaSpec, states: LayerStates, parameters: StateSpaceChannels.Parameters,
    rows: (x: Matrix, steps: Matrix, selected: Matrix), processor: Processor
  ) {
    self.spec = spec
    self.states = states
    offset = RecurrenceSpec.mamba(spec).convolutionCount
    self.parameters = parameters
    self.rows = rows
    self.processor = processor
  }

  func run(part: Int, of run: StateRun) {
    let first = part * Self.length
    let range = first..<min(first + Self.length, spec.inner)
    let state = states.state(run.slot) + offset
    if run.isFresh {
      for place in 0..<spec.states {
        (state + place * spec.inner + first).update(repeating: 0, count: range.count)
      }
    }
    let steps = rows.steps.rows(run.rows).columns(range)
    for row in 0..<steps.rows { processor.softplus(steps.row(row), count: range.count) }
    let input = rows.selected.row(run.rows.lowerBound) + spec.rank
    StateSpaceChannels(
      x: rows.x.rows(run.rows).columns(range), step: steps, input: input,
      output: input + spec.states, stride: rows.selected.stride
    ).advance(state, from: first, by: parameters, using: processor)
  }
}

/// Norms without weights of what dt is projected from, of B and of C.
private final class SelectionNorms: RowOperation {
  private let rows: Matrix
  private let ones: Vector?
  private let lengths: [Int]
  private let epsilon: Float
  private let processor: Processor

  init(
    _ spec: MambaSpec, epsilon: Float, rows: Matrix, processor: Processor
  ) throws(TensorError) {
    self.rows = rows
    self.epsilon = epsilon
    self.processor = processor
    lengths = [spec.rank, spec.states, spec.states]
    ones = try Vector(Array(repeating: 1, count: max(spec.rank, spec.states)))
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    guard let ones else { return }
    var values = rows.row(row)
    for length in lengths {
      RMSNorm(weights: ones.base, count: length, epsilon: epsilon)
        .apply(to: values, into: values, using: processor)
      values += length
    }
  }
}
