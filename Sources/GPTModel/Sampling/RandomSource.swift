/// Random numbers that have names instead of an order: equal names give equal numbers.
///
/// Nothing is remembered between draws, so that a sequence that was preempted, moved to another
/// batch or computed again draws what it would have drawn. The generator is Philox-4x32 with ten
/// rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
struct RandomSource {
  /// Names the random sequence.
  let seed: UInt64
  /// Which of several answers to the same prompt is drawn.
  let choice: Int

  /// Returns the number for a position: at least 0, below 1, a multiple of 2^-53.
  func uniform(at position: Int) -> Double {
    let place = UInt64(truncatingIfNeeded: position)
    let answer = UInt64(truncatingIfNeeded: choice)
    let counter = SIMD4(place.low, place.high, answer.low, answer.high)
    let block = Self.philox(counter: counter, key: SIMD2(seed.low, seed.high))
    let bits = UInt64(block[0]) << 32 | UInt64(block[1])
    return Double(bits >> 11) * 0x1p-53
  }

  /// Encrypts a counter; the outcomes of different counters are as good as independent.
  static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var (block, key) = (counter, key)
    for _ in 0..<10 {
      let first = block[0].multipliedFullWidth(by: 0xD251_1F53)
      let second = block[2].multipliedFullWidth(by: 0xCD9E_8D57)
      block = SIMD4(
        second.high ^ block[1] ^ key[0], second.low, first.high ^ block[3] ^ key[1], first.low)
      key = key &+ SIMD2(0x9E37_79B9, 0xBB67_AE85)
    }
    return block
  }
}

extension UInt64 {
  fileprivate var low: UInt32 { UInt32(truncatingIfNeeded: self) }
  fileprivate var high: UInt32 { UInt32(truncatingIfNeeded: self >> 32) }
}
