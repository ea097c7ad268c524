import CKernels

extension Processor {
  /// Writes up gate / (1 + exp(-gate)), the gated activation SwiGLU; `out` may be an input.
  public func swiglu(
    gate: UnsafePointer<Float>, up: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    kernels.pointee.swiglu(gate, up, out, count)
  }
}
