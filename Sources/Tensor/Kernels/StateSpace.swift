import CKernels

/// What a head of a state space reads and writes in the rows of one sequence: Dao and Gu, "Transformers are
/// SSMs", 2024.
package struct StateSpaceHead {
  /// The inputs, [T, length]; what follows stands in the same rows.
  package let x: Matrix
  /// B, of the first row, [states].
  package let input: UnsafePointer<Float>
  /// C, of the first row, [states].
  package let output: UnsafePointer<Float>
  /// dt, of the first row.
  package let step: UnsafePointer<Float>
  /// Numbers of the state for each element of a row.
  package let states: Int
  /// A, below 0.
  package let decay: Float
  /// D, the factor on the inputs that are added to the results.
  package let skip: Float

  /// Names what a head reads.
  package init(
    x: Matrix, input: UnsafePointer<Float>, output: UnsafePointer<Float>,
    step: UnsafePointer<Float>, states: Int, decay: Float, skip: Float
  ) {
    (self.x, self.input, self.output, self.step) = (x, input, output, step)
    (self.states, self.decay, self.skip) = (states, decay, skip)
  }

  /// Moves a state [states, length] on over all rows, and writes the results, [T, length].
  package func advance(
    _ state: UnsafeMutablePointer<Float>, into out: Matrix, using processor: Processor
  ) {
    var work = apus_state_space_head(
      x: x.base, input: input, output: output, step: step, stride: x.stride, count: x.rows,
      length: x.columns, states: states, decay: decay, skip: skip, state: state, out: out.base,
      out_stride: out.stride)
    processor.kernels.pointee.advance_head(&work)
  }
}

/// What some channels of a state space read in the rows of one sequence, where each has a decay of its own for
/// each state: Gu and Dao, "Mamba", 2023.
package struct StateSpaceChannels {
  /// The inputs, [T, channels].
  package let x: Matrix
  /// dt, [T, channels].
  package let step: Matrix
  /// B, of the first row, [states].
  package let input: UnsafePointer<Float>
  /// C, of the first row, [states].
  package let output: UnsafePointer<Float>
  /// The distance from a row's B and C to the next's.
  package let stride: Int

  /// Names what channels read.
  package init(
    x: Matrix, step: Matrix, input: UnsafePointer<Float>, output: UnsafePointer<Float>, stride: Int
  ) {
    (self.x, self.step) = (x, step)
    (self.input, self.output, self.stride) = (input, output, stride)
  }

  /// The parameters of all channels.
  package struct Parameters: Sendable {
    /// A, below 0, [states, all channels].
    let decay: Vector
    /// D, [all channels].
    let skip: Vector

    /// Takes A as files have it, [all channels, states].
    package init(decay: Vector, skip: Vector) throws(TensorError) {
      self.decay = try decay.transposed(columns: decay.count / max(1, skip.count))
      self.skip = skip
    }
  }

  /// Moves a state [states, all channels] on over all rows, and writes the results over the inputs.
  ///
  /// - Parameter first: The first of the channels.
  package func advance(
    _ state: UnsafeMutablePointer<Float>, from first: Int, by parameters: Parameters,
    using processor: Processor
  ) {
    let all = parameters.skip.count
    var work = apus_state_space_channels(
      x: x.base, x_stride: x.stride, step: step.base, step_stride: step.stride, input: input,
      output: output, stride: stride, count: x.rows, channels: x.columns,
      states: parameters.decay.count / all, decay: parameters.decay.base + first,
      skip: parameters.skip.base + first, state: state + first, state_stride: all, out: x.base,
      out_stride: x.stride)
    processor.kernels.pointee.advance_channels(&work)
  }
}

extension Processor {
  /// Replaces each x by ln(1 + exp(x + bias)), or without bias by ln(1 + exp(x)).
  package func softplus(
    _ x: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>? = nil, count: Int
  ) {
    kernels.pointee.softplus(x, bias, count)
  }

  /// Multiplies each x by 1 / (1 + exp(-gate)).
  package func sigmoidGate(
    _ x: UnsafeMutablePointer<Float>, gate: UnsafePointer<Float>, count: Int
  ) {
    kernels.pointee.sigmoid_gate(x, gate, count)
  }
}
