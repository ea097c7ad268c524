/// Sums of float32 in some order: how far they move results is how far those of a decoder may be off, which
/// adds in an order of its own.
struct ReferenceSums {
  /// Partial sums, each of every so many terms, which are added up at the end.
  let lanes: Int

  /// Orders that differ as those of processors do.
  static let all = [1, 4, 16, 32].map(ReferenceSums.init)

  /// The products of rows, [N, K], with a vector, [K].
  func product(
    _ weights: UnsafeBufferPointer<Double>, _ input: UnsafeBufferPointer<Double>
  ) -> [Double] {
    stride(from: 0, to: weights.count, by: input.count).map { row in
      var total: Float = 0
      for lane in 0..<min(lanes, input.count) {
        var (sum, index): (Float, Int) = (0, lane)
        while index < input.count {
          sum += Float(weights[row &+ index]) * Float(input[index])
          index &+= lanes
        }
        total += sum
      }
      return Double(total)
    }
  }
}
