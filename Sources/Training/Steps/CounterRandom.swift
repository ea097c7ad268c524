import CTraining

/// Random numbers that are a function of what they are for: there is no state to save.
package struct CounterRandom: Sendable, Hashable {
  /// What numbers are for; each purpose has numbers of its own.
  package enum Purpose: UInt64, Sendable {
    /// The first weights.
    case weights = 1
    /// The order of documents in an epoch.
    case documents = 2
    /// Adapters' first weights.
    case adapters = 3
    /// Exercises that are made up.
    case exercises = 4
    /// Answers that the model writes while it learns.
    case rollouts = 5
  }

  /// The seed of the run.
  package let seed: UInt64
  /// What the numbers are for.
  package let purpose: Purpose
  /// The step, the epoch, or what else numbers are drawn for anew.
  package let step: UInt64

  /// Names what numbers are for.
  package init(seed: UInt64, purpose: Purpose, step: UInt64) {
    self.seed = seed
    self.purpose = purpose
    self.step = step
  }

  /// 64 bits for an index.
  package func bits(_ index: UInt64) -> UInt64 {
    var state = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15)
    state = Self.mix(state ^ purpose.rawValue &* 0xD1B5_4A32_D192_ED03)
    state = Self.mix(state ^ step &* 0x8CB9_2BA7_2F3D_8DD7)
    return Self.mix(state ^ index &* 0xA24B_AED4_963E_E407)
  }

  /// A number from 0 up to 1.
  package func uniform(_ index: UInt64) -> Double {
    Double(bits(index) >> 11) * 0x1p-53
  }

  /// A number in 0..<bound, without bias.
  package func below(_ bound: UInt64, _ index: UInt64) -> UInt64 {
    precondition(bound > 0, "an empty range")
    var bits = bits(index)
    // The last values would come up less often: they are drawn again, from the bits themselves.
    while bits >= UInt64.max - UInt64.max % bound { bits = Self.mix(bits &+ 1) }
    return bits % bound
  }

  /// A permutation of documents for an epoch, by Fisher and Yates.
  static func order(_ count: Int, seed: UInt64, epoch: Int) -> [Int] {
    let random = CounterRandom(seed: seed, purpose: .documents, step: UInt64(epoch))
    var order = Array(0..<count)
    for index in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(index, Int(random.below(UInt64(index + 1), UInt64(index))))
    }
    return order
  }

  /// A number of the normal distribution, by Marsaglia's polar method.
  package func normal(_ index: UInt64) -> Double {
    var bits = bits(index)
    while true {
      let x = Self.signed(bits)
      bits = Self.mix(bits &+ 0x9E37_79B9_7F4A_7C15)
      let y = Self.signed(bits)
      bits = Self.mix(bits &+ 0x9E37_79B9_7F4A_7C15)
      let square = x * x + y * y
      if square < 1, square > 0 {
        return x * (-2 * apus_logarithm(square) / square).squareRoot()
      }
    }
  }

  /// A number from -1 up to 1.
  private static func signed(_ bits: UInt64) -> Double {
    Double(Int64(bitPattern: bits) >> 10) * 0x1p-53
  }

  /// SplitMix64's finaliser: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
  private static func mix(_ value: UInt64) -> UInt64 {
    var bits = value
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }
}
