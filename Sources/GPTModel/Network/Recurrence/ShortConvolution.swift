import Tensor

/// A gated convolution over a few positions: output(C · convolution(B · x)).
final class ShortConvolution: RunOperation, LayerStep {
  /// The weights of one layer.
  struct Weights {
    let input: Linear
    let convolution: Vector
    let bias: Vector?
    let output: Linear
  }

  private let states: LayerStates
  private let blocks: ConvolutionBlocks
  /// B, C and x, [T, 3 W].
  private let projected: Matrix
  /// What the last projection reads, [T, W].
  private let out: Matrix
  private let width: Int
  private let project: LinearGroup
  private let combine: LinearGroup
  private let compute: Compute

  var parts: Int { blocks.count }

  /// - Parameter destination: Where the output goes.
  init(
    _ spec: ShortConvolutionSpec, weights: Weights, parts: RecurrenceParts,
    destination: Destination
  ) throws(TensorError) {
    states = parts.states
    compute = parts.compute
    width = spec.width
    let buffers = parts.buffers
    blocks = try ConvolutionBlocks(
      spec.convolution, channels: spec.width, weights: weights.convolution, bias: weights.bias,
      activates: false)
    projected = buffers.queries.columns(0..<3 * spec.width)
    let inner = buffers.attended.first(columns: spec.width)
    out = inner.floats
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
    compute.forEachRun(of: batch, self)
    combine.run(rows: batch.rows, on: compute)
  }

  /// Convolves a block of channels.
  func run(part: Int, of run: StateRun) {
    let rows = projected.rows(run.rows)
    let x = rows.columns(2 * width..<3 * width)
    blocks.apply(
      block: part, to: x, state: states.state(run.slot), isFresh: run.isFresh,
      factors: (rows.columns(0..<width), rows.columns(width..<2 * width)),
      using: compute.processor)
    let range = blocks.range(part)
    for row in 0..<x.rows {
      (out.row(run.rows.lowerBound + row) + range.lowerBound).update(
        from: x.row(row) + range.lowerBound, count: range.count)
    }
  }
}
