import CKernels

/// A causal convolution of each channel along the rows of one sequence.
package struct CausalConvolution: Sendable {
  /// The longest, K.
  package static let longest = Int(APUS_LONGEST_CONVOLUTION)

  /// [K, channels]: the weight of the oldest input first.
  private let weights: Vector
  /// [channels]; nil for none.
  private let bias: Vector?
  private let channels: Int
  private let length: Int
  /// Whether a result y becomes y / (1 + exp(-y)).
  private let activates: Bool

  /// Takes weights as files have them, [channels, K].
  package init(weights: Vector, bias: Vector?, length: Int, activates: Bool) throws(TensorError) {
    precondition((1...Self.longest).contains(length), "a convolution of another length")
    self.weights = try weights.transposed(columns: length)
    self.bias = bias
    self.length = length
    self.activates = activates
    channels = weights.count / length
  }

  /// The floats of a sequence's state: its last inputs, [K - 1, channels], the oldest first.
  package var stateCount: Int { (length - 1) * channels }

  /// Forgets the last inputs of some channels.
  package func clear(_ state: UnsafeMutablePointer<Float>, channels range: Range<Int>) {
    for place in 0..<(length - 1) {
      (state + place * channels + range.lowerBound).update(repeating: 0, count: range.count)
    }
  }

  /// Convolves some channels of rows that follow each other, in place.
  ///
  /// - Parameters:
  ///   - rows: All channels, [T, channels].
  ///   - range: Those to convolve.
  ///   - state: The last inputs before these, which those of these take the place of.
  ///   - factors: What inputs and results are multiplied by, laid out like the rows; nil for nothing.
  package func apply(
    to rows: Matrix, channels range: Range<Int>, state: UnsafeMutablePointer<Float>,
    factors: (before: Matrix, after: Matrix)? = nil, using processor: Processor
  ) {
    precondition(range.upperBound <= channels && rows.columns == channels, "no such channels")
    var work = apus_convolution(
      rows: rows.base + range.lowerBound, stride: rows.stride, count: rows.rows,
      channels: range.count, length: length, state: state + range.lowerBound,
      state_stride: channels, weights: weights.base + range.lowerBound, weight_stride: channels,
      bias: bias.map { $0.base + range.lowerBound }, before: nil, after: nil,
      activates: activates)
    if let factors {
      precondition(
        factors.before.stride == rows.stride && factors.after.stride == rows.stride,
        "factors are not laid out like the rows")
      work.before = UnsafePointer(factors.before.base + range.lowerBound)
      work.after = UnsafePointer(factors.after.base + range.lowerBound)
    }
    processor.kernels.pointee.convolve(&work)
  }
}

extension Vector {
  /// The elements of a matrix of some columns with rows for columns.
  package func transposed(columns: Int) throws(TensorError) -> Vector {
    let rows = count / columns
    var values = [Float](repeating: 0, count: count)
    for row in 0..<rows {
      for column in 0..<columns { values[column * rows + row] = base[row * columns + column] }
    }
    // Elements of a vector are finite.
    return try Vector(values) ?? self
  }
}
