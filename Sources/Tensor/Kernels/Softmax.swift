import CKernels

extension Processor {
  /// Replaces x by exp(x - max) / sum, and returns max; at least one element.
  @discardableResult
  public func softmax(_ x: UnsafeMutablePointer<Float>, count: Int) -> Float {
    precondition(count > 0, "the softmax of nothing")
    return kernels.pointee.softmax(x, count)
  }
}
