import Tensor

extension RoutingRule {
  /// What one row's choice reads and writes.
  struct Row {
    /// The router's logits, [E], which become scores.
    let scores: UnsafeMutablePointer<Float>
    /// What experts are chosen by, [E].
    let choice: UnsafeMutablePointer<Float>
    /// What is added to scores for the choice, [E]; nil for nothing.
    let biases: UnsafePointer<Float>?
    /// A factor on each expert's weight, [E]; nil for none.
    let scales: UnsafePointer<Float>?
    /// E.
    let count: Int
    /// The experts chosen, the best first, [k].
    let experts: UnsafeMutablePointer<Int32>
    /// Their weights, [k].
    let weights: UnsafeMutablePointer<Float>
  }

  /// Chooses a row's experts and weighs them; of equal ones the lowest number is chosen first, and what is
  /// not a number last.
  ///
  /// Takes one row at a time, so that a row's choice does not depend on the rows beside it.
  func choose(_ row: Row, using processor: Processor) {
    switch score {
    case .logit: break
    case .softmax: processor.softmax(row.scores, count: row.count)
    case .sigmoid: processor.sigmoid(row.scores, count: row.count)
    }
    row.choice.update(from: row.scores, count: row.count)
    if let biases = row.biases { processor.add(biases, to: row.choice, count: row.count) }
    if let groups { groups.drop(row.choice, count: row.count, keeping: groups.used) }
    pick(row)
    weigh(row, using: processor)
  }

  /// Picks the k best, the best first.
  private func pick(_ row: Row) {
    var picked = 0
    for expert in 0..<row.count {
      let value = row.choice[expert]
      var place = picked
      while place > 0, Self.isBetter(value, than: row.choice[Int(row.experts[place - 1])]) {
        place -= 1
      }
      guard place < used else { continue }
      if picked < used { picked += 1 }
      for index in stride(from: picked - 1, to: place, by: -1) {
        row.experts[index] = row.experts[index - 1]
      }
      row.experts[place] = Int32(expert)
    }
  }

  /// A total order: what is not a number comes last.
  static func isBetter(_ value: Float, than other: Float) -> Bool {
    value > other || other.isNaN && !value.isNaN
  }

  private func weigh(_ row: Row, using processor: Processor) {
    let weights = row.weights
    for index in 0..<used { weights[index] = row.scores[Int(row.experts[index])] }
    switch weight {
    case .score: break
    case .share(let added, let least):
      var sum: Float = 0
      for index in 0..<used { sum += weights[index] }
      sum = sum + added < least ? least : sum + added
      for index in 0..<used { weights[index] /= sum }
    case .softmax: processor.softmax(weights, count: used)
    case .sigmoid: processor.sigmoid(weights, count: used)
    case .shareOfNear(let distance):
      for index in 0..<used {
        weights[index] = shareOfNear(row, index: index, distance: distance, using: processor)
      }
    }
    if scale != 1 { processor.scale(weights, count: used, by: scale) }
    guard let scales = row.scales else { return }
    for index in 0..<used { weights[index] *= scales[Int(row.experts[index])] }
  }

  /// The share of one of the chosen among those that were not chosen before it and are near it.
  private func shareOfNear(
    _ row: Row, index: Int, distance: Float, using processor: Processor
  ) -> Float {
    let best = row.scores[Int(row.experts[index])]
    for expert in 0..<row.count {
      let score = row.scores[expert]
      // Of two zeros the quotient is no number, and they are near.
      let isFar = (best - score) / max(score.magnitude, best) > distance
      row.choice[expert] = isFar ? -.infinity : score
    }
    for earlier in 0..<index { row.choice[Int(row.experts[earlier])] = -.infinity }
    processor.softmax(row.choice, count: row.count)
    return row.choice[Int(row.experts[index])]
  }
}

extension ExpertGroups {
  /// Makes the worst of all scores of those in groups that are not among the best; of equal groups the
  /// first is kept.
  fileprivate func drop(_ scores: UnsafeMutablePointer<Float>, count: Int, keeping used: Int) {
    let length = count / self.count
    withUnsafeTemporaryAllocation(of: Float.self, capacity: self.count) { sums in
      for group in 0..<self.count {
        sums.initializeElement(at: group, to: sum(scores + group * length, length))
      }
      for group in 0..<self.count {
        let better = (0..<self.count).reduce(0) { better, other in
          let isFirst = other < group && !RoutingRule.isBetter(sums[group], than: sums[other])
          return better + (isFirst || RoutingRule.isBetter(sums[other], than: sums[group]) ? 1 : 0)
        }
        guard better >= used else { continue }
        (scores + group * length).update(repeating: -.infinity, count: length)
      }
    }
  }

  /// The sum of a group's best scores.
  private func sum(_ scores: UnsafePointer<Float>, _ length: Int) -> Float {
    var (best, second) = (-Float.infinity, -Float.infinity)
    for index in 0..<length {
      if RoutingRule.isBetter(scores[index], than: best) {
        (best, second) = (scores[index], best)
      } else if RoutingRule.isBetter(scores[index], than: second) {
        second = scores[index]
      }
    }
    return summed > 1 && length > 1 ? best + second : best
  }
}
