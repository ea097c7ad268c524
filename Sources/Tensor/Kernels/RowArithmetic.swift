import CKernels

/// Changes of a row in place.
extension Processor {
  /// Replaces each x by cap tanh(x / cap), which stays within plus and minus `cap`.
  public func softCap(_ x: UnsafeMutablePointer<Float>, count: Int, cap: Float) {
    precondition(cap > 0, "a soft cap is above 0")
    kernels.pointee.soft_cap(x, count, cap)
  }

  /// Bounds each element to what lies within plus and minus `bound`.
  public func clamp(_ x: UnsafeMutablePointer<Float>, count: Int, to bound: Float) {
    precondition(bound >= 0, "a bound is not below 0")
    kernels.pointee.clamp(x, count, bound)
  }

  /// Adds a row to another.
  public func add(
    _ y: UnsafePointer<Float>, to x: UnsafeMutablePointer<Float>, count: Int
  ) {
    kernels.pointee.add(x, y, count)
  }

  /// Multiplies a row by a factor.
  public func scale(_ x: UnsafeMutablePointer<Float>, count: Int, by factor: Float) {
    kernels.pointee.scale(x, count, factor)
  }
}
