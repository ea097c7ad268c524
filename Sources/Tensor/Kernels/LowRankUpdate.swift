/// A product of low rank that is added to that of a matrix: y += s B (A x).
///
/// Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021. A row's sums have one order, whatever
/// the instruction set and whatever rows are beside it.
package final class LowRankUpdate: Sendable {
  /// The rank, r.
  package let rank: Int
  /// Elements of a row that is read, K.
  package let inputs: Int
  /// Elements of a row that is added to, N.
  package let outputs: Int
  /// A, [r, K].
  private let down: Vector
  /// s B, with columns for rows, [r, N].
  private let up: Vector

  private static let lanes = SIMD16<Float>.scalarCount

  /// Takes the factors; nil when a value is not finite.
  ///
  /// - Parameters:
  ///   - down: A, [r, K].
  ///   - up: B, [N, r].
  ///   - scale: s.
  package init?(
    rank: Int, down: [Float], up: [Float], scale: Float
  ) throws(TensorError) {
    guard rank > 0, down.count.isMultiple(of: rank), up.count.isMultiple(of: rank) else {
      throw TensorError(
        .shape, "low-rank update", expected: "factors of \(rank) rows and columns",
        given: "\(down.count) and \(up.count) values")
    }
    self.rank = rank
    inputs = down.count / rank
    outputs = up.count / rank
    let outputs = outputs
    var turned = [Float](repeating: 0, count: up.count)
    for row in 0..<outputs {
      for column in 0..<rank { turned[column * outputs + row] = scale * up[row * rank + column] }
    }
    guard let down = try Vector(down), let up = try Vector(turned) else { return nil }
    (self.down, self.up) = (down, up)
  }

  /// Bytes of both factors.
  package var byteCount: Int { (down.count + up.count) * MemoryLayout<Float>.size }

  /// Adds the product of a row, [K], to another, [N].
  package func add(to result: UnsafeMutablePointer<Float>, from row: UnsafePointer<Float>) {
    for step in 0..<rank {
      let factor = Self.dot(row, down.base + step * inputs, count: inputs)
      Self.add(up.base + step * outputs, times: factor, to: result, count: outputs)
    }
  }

  private static func dot(
    _ one: UnsafePointer<Float>, _ other: UnsafePointer<Float>, count: Int
  ) -> Float {
    var sums = SIMD16<Float>.zero
    var place = 0
    while place + lanes <= count {
      sums += load(one + place) * load(other + place)
      place += lanes
    }
    var sum = sums.sum()
    while place < count {
      sum += one[place] * other[place]
      place += 1
    }
    return sum
  }

  private static func add(
    _ values: UnsafePointer<Float>, times factor: Float, to result: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    var place = 0
    while place + lanes <= count {
      let sum = load(result + place) + factor * load(values + place)
      UnsafeMutableRawPointer(result + place).storeBytes(of: sum, as: SIMD16<Float>.self)
      place += lanes
    }
    while place < count {
      result[place] += factor * values[place]
      place += 1
    }
  }

  private static func load(_ values: UnsafePointer<Float>) -> SIMD16<Float> {
    UnsafeRawPointer(values).loadUnaligned(as: SIMD16<Float>.self)
  }
}
