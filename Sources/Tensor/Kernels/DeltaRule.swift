import CKernels

/// What a value head of the gated delta rule reads in the rows of one sequence: Yang, Kautz and Hatamizadeh,
/// "Gated Delta Networks", 2024.
package struct DeltaHead {
  /// The values, [T, value length]; what follows stands in the same rows.
  package let values: Matrix
  /// The query of the first row, [key length].
  package let query: UnsafePointer<Float>
  /// The key of the first row, [key length].
  package let key: UnsafePointer<Float>
  /// The key length.
  package let keyLength: Int
  /// What the share that is learned is made of by 1 / (1 + exp(-x)), of the first row.
  package let rate: UnsafePointer<Float>
  /// What times `decay` the logarithm of the share is that is kept, of the first row.
  package let step: UnsafePointer<Float>
  /// Below 0.
  package let decay: Float

  /// Names what a head reads.
  package init(
    values: Matrix, query: UnsafePointer<Float>, key: UnsafePointer<Float>, keyLength: Int,
    rate: UnsafePointer<Float>, step: UnsafePointer<Float>, decay: Float
  ) {
    (self.values, self.query, self.key, self.keyLength) = (values, query, key, keyLength)
    (self.rate, self.step, self.decay) = (rate, step, decay)
  }

  /// Moves a state [key length, value length] on over all rows, and writes the results, [T, value length].
  package func advance(
    _ state: UnsafeMutablePointer<Float>, into out: Matrix, using processor: Processor
  ) {
    var work = apus_delta_head(
      query: query, key: key, value: values.base, rate: rate, step: step, stride: values.stride,
      count: values.rows, key_length: keyLength, value_length: values.columns, decay: decay,
      state: state, out: out.base, out_stride: out.stride)
    processor.kernels.pointee.advance_delta(&work)
  }
}
