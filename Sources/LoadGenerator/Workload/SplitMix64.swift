/// A small generator of random numbers; equal seeds give equal sequences.
///
/// The algorithm is SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
/// generators").
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  /// Starts the sequence that a seed names.
  init(seed: UInt64) {
    state = seed
  }

  /// Starts the sequence that a seed and further numbers name together.
  init(seed: UInt64, _ names: Int...) {
    state = seed
    for name in names {
      state = next() ^ UInt64(truncatingIfNeeded: name)
    }
  }

  /// Returns the next number.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Returns the next number as a fraction: at least 0, below 1, a multiple of 2^-53.
  mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }
}
