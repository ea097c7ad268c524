import CTraining

/// h = a / (1 + e⁻ᵃ) · b: Shazeer, "GLU Variants Improve Transformer", 2020.
struct SwiGLUBlock {
  /// Writes h, [N, F].
  func forward(
    gate: UnsafePointer<Float>, up: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>,
    count: Int, _ pass: LeafPass
  ) {
    pass.products.kernels.table.pointee.swiglu(gate, up, out, count)
  }

  /// Replaces a and b by their gradients, given that of h.
  func backward(
    _ dout: UnsafePointer<Float>, gate: UnsafeMutablePointer<Float>,
    up: UnsafeMutablePointer<Float>, count: Int, _ pass: LeafPass
  ) {
    pass.products.kernels.table.pointee.swiglu_backward(gate, up, dout, count)
  }
}
