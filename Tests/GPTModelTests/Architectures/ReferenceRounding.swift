import Foundation

/// The rounding to bfloat16 that the decoder does on purpose, in double precision.
///
/// Of a number halfway between two that bfloat16 has, the decoder may take either: its own number is a
/// float32 sum, whose last bits depend on the order in which a BLAS adds. So where `noise` is not 0, a
/// number so near a tie is an error, and whoever chose the input takes another.
struct ReferenceRounding {
  /// A number may be rounded either way.
  struct Tie: Error {}

  /// The numbers near a tie of one forward, in their order.
  final class Ties {
    /// The one that is rounded the other way; nil for none.
    private let turned: Int?
    /// How many there were.
    private(set) var count = 0

    init(turned: Int? = nil) {
      self.turned = turned
    }

    /// Takes the next, and says whether to turn it.
    fileprivate func turnsNext() -> Bool {
      count += 1
      return count - 1 == turned
    }
  }

  /// What is done with numbers near a tie; nil where they are errors.
  var ties: Ties?
  /// How far off the decoder's numbers may be, as a share of the largest of a vector.
  var noise = 0.0

  /// Rounds a vector, whose numbers are off by shares of the largest.
  func callAsFunction(_ vector: [Double]) throws(Tie) -> [Double] {
    let reach = noise * (vector.map(\.magnitude).max() ?? 0)
    return try vector.map { value throws(Tie) in try rounded(value, reach: reach) }
  }

  /// Rounds weights of attention: exponentials, which are off by a share of themselves, as large as the
  /// scores are off.
  func weights(_ weights: [Double], of scores: [Double]) throws(Tie) -> [Double] {
    let reach = noise * max(1, scores.map(\.magnitude).max() ?? 0)
    return try weights.map { weight throws(Tie) in try rounded(weight, reach: reach * weight) }
  }

  /// Rounds a number that is off by `reach` at most.
  private func rounded(_ value: Double, reach: Double) throws(Tie) -> Double {
    // What the decoder rounds is a float32 already.
    let value = Double(Float(value))
    guard value != 0 else { return 0 }
    // 8 bits, the first of which is always 1.
    let step = scalbn(1.0, Int(value.exponent) - 7)
    let steps = value / step
    let distance = (0.5 - (steps - steps.rounded(.down))).magnitude * step
    // A number whose steps are so small is as near whichever way it goes.
    if distance < reach, step > reach {
      guard let ties else { throw Tie() }
      if ties.turnsNext() {
        let (below, nearest) = (steps.rounded(.down), steps.rounded(.toNearestOrEven))
        return (nearest == below ? below + 1 : below) * step
      }
    }
    return steps.rounded(.toNearestOrEven) * step
  }
}
