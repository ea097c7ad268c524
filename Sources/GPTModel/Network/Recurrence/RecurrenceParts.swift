import Tensor

/// What mixers with a state are built from.
struct RecurrenceParts {
  /// The states of the layer.
  let states: LayerStates
  let buffers: DecoderBuffers
  let compute: Compute
}

/// The convolution of a layer in blocks of channels, which threads share.
struct ConvolutionBlocks: Sendable {
  /// Channels that one worker takes at a time.
  private static let length = 128

  private let convolution: CausalConvolution
  private let channels: Int
  /// How many blocks there are.
  let count: Int

  /// - Parameter weights: As files have them, [channels, K].
  init(
    _ spec: ConvolutionSpec, channels: Int, weights: Vector, bias: Vector?, activates: Bool
  ) throws(TensorError) {
    convolution = try CausalConvolution(
      weights: weights, bias: bias, length: spec.length, activates: activates)
    self.channels = channels
    count = (channels + Self.length - 1) / Self.length
  }

  /// The channels of a block.
  func range(_ block: Int) -> Range<Int> {
    let first = block * Self.length
    return first..<min(first + Self.length, channels)
  }

  /// Convolves a block of the rows of a sequence, [T, channels], in place.
  func apply(
    block: Int, to rows: Matrix, state: UnsafeMutablePointer<Float>, isFresh: Bool,
    factors: (before: Matrix, after: Matrix)? = nil, using processor: Processor
  ) {
    let range = range(block)
    if isFresh { convolution.clear(state, channels: range) }
    convolution.apply(
      to: rows, channels: range, state: state, factors: factors, using: processor)
  }
}
