#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Keeping only the largest gates of a row: max(0, g - (mean + c · deviation)).
enum GateThreshold {
  private typealias Lanes = SIMD8<Double>

  /// Lessens a row's gates in place.
  ///
  /// - Parameter deviations: The factor on the standard deviation, c.
  static func apply(to values: UnsafeMutablePointer<Float>, count: Int, deviations: Float) {
    let mean = sum(values, count) { $0 } / Double(count)
    let variance =
      sum(values, count) { value in
        let distance = value - Lanes(repeating: mean)
        return distance * distance
      } / Double(count)
    let threshold = Float(mean) + Float(variance.squareRoot()) * deviations
    for index in 0..<count { values[index] = max(0, values[index] - threshold) }
  }

  /// The sum of what is made of values, in eight lanes; those past the end are left out.
  private static func sum(
    _ values: UnsafePointer<Float>, _ count: Int, _ transform: (Lanes) -> Lanes
  ) -> Double {
    var sums = Lanes.zero
    for first in stride(from: 0, to: count, by: Lanes.scalarCount) {
      var lanes = Lanes.zero
      let filled = min(Lanes.scalarCount, count - first)
      for lane in 0..<filled { lanes[lane] = Double(values[first + lane]) }
      var made = transform(lanes)
      for lane in filled..<Lanes.scalarCount { made[lane] = 0 }
      sums += made
    }
    return sums.sum()
  }
}

extension GateThreshold {
  /// How many standard deviations above the mean of a normal distribution the given share lies below.
  ///
  /// - Parameter share: Above 0 and below 1.
  static func deviations(leavingOut share: Double) -> Float {
    var bounds = (-40.0, 40.0)
    // Halving leaves nothing of the distance that double precision could tell.
    for _ in 0..<80 {
      let middle = (bounds.0 + bounds.1) / 2
      let below = erfc(-middle / 2.0.squareRoot()) / 2
      if below < share { bounds.0 = middle } else { bounds.1 = middle }
    }
    return Float(bounds.1)
  }
}
