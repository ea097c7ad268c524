/// How many values fell between which bounds, and their sum.
public struct Distribution: Sendable, Hashable {
  /// The upper bounds, ascending; a value that equals one belongs to it.
  public let bounds: [Double]
  /// How many values belong to each bound and to none before it; the last count is of those beyond all.
  public private(set) var counts: [Int]
  /// The sum of all values.
  public private(set) var sum = 0.0

  /// How many values there are.
  public var count: Int { counts.reduce(0, +) }

  /// Creates a distribution of nothing.
  ///
  /// - Parameter bounds: Ascending.
  public init(bounds: [Double]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  /// Adds a value; one that is not finite counts as zero.
  ///
  /// - Complexity: Logarithmic in the number of bounds; allocates nothing unless a copy was taken since.
  package mutating func add(_ value: Double) {
    let value = value.isFinite ? value : 0
    sum += value
    var (low, high) = (0, bounds.count)
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle] < value { low = middle + 1 } else { high = middle }
    }
    counts[low] += 1
  }
}

extension Distribution {
  /// 1, 2, 5, 10, 20, 50 and so on, up to a largest.
  static func tokenBounds(upTo largest: Int) -> [Double] {
    var bounds: [Double] = []
    var decade = 1.0
    while decade <= Double(largest) {
      bounds += [1, 2, 5].map { $0 * decade }.filter { $0 <= Double(largest) }
      decade *= 10
    }
    return bounds
  }
}
