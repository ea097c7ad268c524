/// Draws from sources by weight without chance: the next comes from the source that is furthest behind its
/// share, of equal ones from the first.
package struct Mixture: Sendable, Hashable {
  private let weights: [Double]
  /// What was drawn from each source so far.
  package private(set) var drawn: [Int]

  /// Names the weights, of which one at least is positive.
  package init(weights: [Double]) throws(TrainingError) {
    guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }), weights.contains(where: { $0 > 0 }) else {
      throw TrainingError(.configuration, field: "mixture", "weights of \(weights)")
    }
    let sum = weights.reduce(0, +)
    self.weights = weights.map { $0 / sum }
    drawn = weights.map { _ in 0 }
  }

  /// The source of the next document.
  package mutating func next() -> Int {
    let total = Double(drawn.reduce(0, +) + 1)
    var best = 0
    var most = -Double.infinity
    for (source, weight) in weights.enumerated() where weight > 0 {
      let deficit = weight * total - Double(drawn[source])
      if deficit > most { (best, most) = (source, deficit) }
    }
    drawn[best] += 1
    return best
  }
}
