import CKernels

/// What sampling asks of a row of logits, in blocks of 64.
///
/// Where some tokens are allowed only, each block has a word whose bits name them: the others count as
/// minus infinity whatever their logits are, and blocks without any are not read.
extension Processor {
  /// The logits that are surveyed and weighed together.
  package static let logitBlock = Int(APUS_LOGIT_BLOCK)

  /// The blocks of a row.
  package static func logitBlocks(_ count: Int) -> Int { (count + logitBlock - 1) / logitBlock }

  /// Writes the greatest logit of each block to `maxima`.
  ///
  /// - Parameter allowed: A word for each block; nil allows all.
  /// - Returns: The index of the greatest, the lowest on a tie; nil when a logit is NaN or plus
  ///   infinity, or none is above minus infinity.
  package func survey(
    _ logits: UnsafePointer<Float>, count: Int, allowed: UnsafePointer<UInt64>? = nil,
    maxima: UnsafeMutablePointer<Float>
  ) -> Int? {
    guard count > 0 else { return nil }
    let index = kernels.pointee.survey(logits, count, allowed, maxima)
    return index < count ? index : nil
  }

  /// Writes exp((logit - best) * sharpness) to `weights`, and the sum of each block to `sums`.
  ///
  /// In blocks without an allowed token the weights stay as they were.
  package func weigh(
    _ logits: UnsafeBufferPointer<Float>, allowed: UnsafePointer<UInt64>? = nil,
    by weighing: LogitWeighing, weights: UnsafeMutablePointer<Float>,
    sums: UnsafeMutablePointer<Float>
  ) {
    guard let base = logits.baseAddress else { return }
    let how = apus_weighing(best: weighing.best, sharpness: weighing.sharpness)
    kernels.pointee.weigh(base, logits.count, allowed, how, weights, sums)
  }
}

/// The figures by which logits become weights.
package struct LogitWeighing: Sendable {
  /// The logit of weight one.
  package var best: Float
  /// The reciprocal of the temperature.
  package var sharpness: Float

  /// Gathers the figures.
  package init(best: Float, sharpness: Float) {
    self.best = best
    self.sharpness = sharpness
  }
}
