import CKernels

/// What sampling asks of a row of logits, in blocks of 64.
extension Processor {
  /// The logits that are surveyed and weighed together.
  package static let logitBlock = Int(APUS_LOGIT_BLOCK)

  /// The blocks of a row.
  package static func logitBlocks(_ count: Int) -> Int { (count + logitBlock - 1) / logitBlock }

  /// Writes the greatest logit of each block to `maxima`.
  ///
  /// - Returns: The index of the greatest, the lowest on a tie; nil when a logit is NaN or plus
  ///   infinity, or none is above minus infinity.
  package func survey(
    _ logits: UnsafePointer<Float>, count: Int, maxima: UnsafeMutablePointer<Float>
  ) -> Int? {
    guard count > 0 else { return nil }
    let index = kernels.pointee.survey(logits, count, maxima)
    return index < count ? index : nil
  }

  /// Writes exp((logit - best) * sharpness) to `weights`, and the sum of each block to `sums`.
  package func weigh(
    _ logits: UnsafePointer<Float>, count: Int, best: Float, sharpness: Float,
    weights: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.weigh(logits, count, best, sharpness, weights, sums)
  }
}
