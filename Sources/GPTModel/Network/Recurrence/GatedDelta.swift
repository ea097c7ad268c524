import Tensor

/// The gated delta rule: Yang, Kautz and Hatamizadeh, "Gated Delta Networks", 2024.
///
/// Queries, keys and values are convolved, queries and keys normalised to length 1; each value head forgets a
/// share of its state, learns a share of what it does not predict of the value, and reads it; the results are
/// normalised, gated by z and projected back.
final class GatedDelta: RowOperation, LayerStep {
  /// The weights of one layer.
  struct Weights {
    let query: Linear
    let key: Linear
    let value: Linear
    let gate: Linear
    let rate: Linear
    let step: Linear
    let convolution: Vector
    let convolutionBias: Vector?
    let stepBias: Vector
    /// [value heads].
    let decay: Vector
    /// [value length].
    let norm: Vector
    let output: Linear
  }

  private let spec: GatedDeltaSpec
  private let channels: DeltaChannels
  private let heads: DeltaHeads
  private let norm: RMSNorm
  private let weights: Weights
  private let project: LinearGroup
  private let combine: LinearGroup
  private let gates: Matrix
  private let out: Matrix
  private let compute: Compute

  /// - Parameter destination: Where the output goes.
  init(
    _ spec: GatedDeltaSpec, weights: Weights, parts: RecurrenceParts, destination: Destination
  ) throws(TensorError) {
    self.spec = spec
    self.weights = weights
    compute = parts.compute
    let (buffers, processor) = (parts.buffers, parts.compute.processor)
    let columns = DeltaColumns(spec)
    let projected = buffers.queries.columns(0..<columns.steps.upperBound)
    gates = projected.columns(columns.gates)
    let inner = buffers.attended.first(columns: spec.valueWidth)
    out = inner.floats
    channels = DeltaChannels(
      states: parts.states,
      blocks: try ConvolutionBlocks(
        spec.convolution, channels: spec.channels, weights: weights.convolution,
        bias: weights.convolutionBias, activates: true), stepBias: weights.stepBias,
      rows: (projected.columns(0..<spec.channels), projected.columns(columns.steps)),
      processor: processor)
    heads = try DeltaHeads(
      spec: spec, decay: weights.decay, states: parts.states, projected: projected, out: out,
      processor: processor)
    norm = RMSNorm(
      weights: weights.norm.base, count: spec.valueLength, epsilon: spec.normEpsilon)
    project = try LinearGroup(
      input: buffers.normed.floats, quantized: buffers.normed.quantized,
      items: [
        weights.query.item(to: projected.columns(columns.queries)),
        weights.key.item(to: projected.columns(columns.keys)),
        weights.value.item(to: projected.columns(columns.values)), weights.gate.item(to: gates),
        weights.rate.item(to: projected.columns(columns.rates)),
        weights.step.item(to: projected.columns(columns.steps)),
      ])
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

  /// Normalises and gates the results of a row.
  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let (values, gates) = (out.row(row), gates.row(row))
    for head in 0..<spec.valueHeads {
      let own = values + head * spec.valueLength
      norm.apply(to: own, into: own, using: compute.processor)
    }
    compute.processor.gated(.silu, gate: gates, up: values, into: values, count: spec.valueWidth)
  }
}

/// Where in a row what the input is projected to stands.
private struct DeltaColumns {
  let queries, keys, values, gates, rates, steps: Range<Int>

  init(_ spec: GatedDeltaSpec) {
    var end = 0
    func next(_ count: Int) -> Range<Int> {
      end += count
      return end - count..<end
    }
    queries = next(spec.keyWidth)
    keys = next(spec.keyWidth)
    values = next(spec.valueWidth)
    gates = next(spec.valueWidth)
    rates = next(spec.valueHeads)
    steps = next(spec.valueHeads)
  }
}

/// The convolution of queries, keys and values in blocks, and as the last part the steps.
private final class DeltaChannels: RunOperation {
  private let states: LayerStates
  private let blocks: ConvolutionBlocks
  private let stepBias: Vector
  private let rows: (channels: Matrix, steps: Matrix)
  private let processor: Processor

  var parts: Int { blocks.count + 1 }

  init(
    states: LayerStates, blocks: ConvolutionBlocks, stepBias: Vector,
    rows: (channels: Matrix, steps: Matrix), processor: Processor
  ) {
    self.states = states
    self.blocks = blocks
    self.stepBias = stepBias
    self.rows = rows
    self.processor = processor
  }

  func run(part: Int, of run: StateRun) {
    guard part < blocks.count else {
      let steps = rows.steps.rows(run.rows)
      for row in 0..<steps.rows {
        processor.softplus(steps.row(row), bias: stepBias.base, count: steps.columns)
      }
      return
    }
    blocks.apply(
      block: part, to: rows.channels.rows(run.rows), state: states.state(run.slot),
      isFresh: run.isFresh, using: processor)
  }
}

/// The heads by their keys: those of the values that share a key follow each other.
private final class DeltaHeads: RunOperation {
  private let spec: GatedDeltaSpec
  private let columns: DeltaColumns
  private let decay: Vector
  private let states: LayerStates
  private let offset: Int
  private let projected: Matrix
  private let out: Matrix
  /// Factors that make the mean of squares that a norm divides by a sum, for keys, and besides by the root of
  /// the length, for queries.
  private let keyScale: Vector?
  private let queryScale: Vector?
  private let processor: Processor

  /// What is added to the sum of the squares of a query or key.
  private static let epsilon: Float = 1e-6

  var parts: Int { spec.keyHeads }

  init(
    spec: GatedDeltaSpec, decay: Vector, states: LayerStates, projected: Matrix, out: Matrix,
    processor: Processor
  ) throws(TensorError) {
    self.spec = spec
    columns = DeltaColumns(spec)
    self.decay = decay
    self.states = states
    offset = RecurrenceSpec.gatedDelta(spec).convolutionCount
    self.projected = projected
    self.out = out
    self.processor = processor
    let length = Float(spec.keyLength)
    keyScale = try Vector(Array(repeating: 1 / length.squareRoot(), count: spec.keyLength))
    queryScale = try Vector(Array(repeating: 1 / length, count: spec.keyLength))
  }

  func run(part head: Int, of run: StateRun) {
    let rows = projected.rows(run.rows)
    let query = rows.base + columns.queries.lowerBound + head * spec.keyLength
    let key = rows.base + columns.keys.lowerBound + head * spec.keyLength
    normalize(query, by: queryScale, rows)
    normalize(key, by: keyScale, rows)
    let shared = spec.valueHeads / spec.keyHeads
    for member in 0..<shared {
      let own = spec.tilesKeyHeads ? member * spec.keyHeads + head : head * shared + member
      advance(own, query: query, key: key, rows, of: run)
    }
  }

  private func advance(
    _ head: Int, query: UnsafePointer<Float>, key: UnsafePointer<Float>, _ rows: Matrix,
    of run: StateRun
  ) {
    let count = spec.keyLength * spec.valueLength
    let state = states.state(run.slot) + offset + head * count
    if run.isFresh { state.update(repeating: 0, count: count) }
    let own = head * spec.valueLength..<(head + 1) * spec.valueLength
    let work = DeltaHead(
      values: rows.columns(columns.values).columns(own), query: query, key: key,
      keyLength: spec.keyLength, rate: rows.base + columns.rates.lowerBound + head,
      step: rows.base + columns.steps.lowerBound + head, decay: decay.base[head])
    work.advance(state, into: out.rows(run.rows).columns(own), using: processor)
  }

  /// Divides a vector in each row by the root of the sum of its squares, and of ε.
  private func normalize(
    _ first: UnsafeMutablePointer<Float>, by scale: Vector?, _ rows: Matrix
  ) {
    guard let scale else { return }
    let norm = RMSNorm(
      weights: scale.base, count: spec.keyLength, epsilon: Self.epsilon / Float(spec.keyLength))
    for row in 0..<rows.rows {
      norm.apply(to: first + row * rows.stride, into: first + row * rows.stride, using: processor)
    }
  }
}
