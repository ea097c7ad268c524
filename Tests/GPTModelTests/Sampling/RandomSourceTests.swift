import Testing

@testable import GPTModel

@Suite struct RandomSourceTests {
  /// Counter, key and outcome as the authors of the generator publish them for ten rounds.
  private static let knownAnswers: [(SIMD4<UInt32>, SIMD2<UInt32>, SIMD4<UInt32>)] = [
    (
      SIMD4(0, 0, 0, 0), SIMD2(0, 0),
      SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
      SIMD4(repeating: .max), SIMD2(repeating: .max),
      SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
      SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
      SIMD2(0xa409_3822, 0x299f_31d0),
      SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ]

  @Test("Philox gives the published answers")
  func knownAnswers() {
    for (counter, key, outcome) in Self.knownAnswers {
      #expect(RandomSource.philox(counter: counter, key: key) == outcome)
    }
  }

  @Test("Numbers are at least 0, below 1, and spread evenly")
  func uniform() {
    let source = RandomSource(seed: 3, choice: 1)
    let numbers = (0..<10_000).map { source.uniform(at: $0) }
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
    // Each tenth holds 1000 on average, with a standard deviation of 30.
    var tenths = [Int](repeating: 0, count: 10)
    for number in numbers { tenths[Int(number * 10)] += 1 }
    #expect(tenths.allSatisfy { abs($0 - 1000) < 120 }, "\(tenths)")
  }

  @Test("Seed, choice and position all name the number")
  func names() {
    let number = RandomSource(seed: 1, choice: 0).uniform(at: 0)
    #expect(RandomSource(seed: 1, choice: 0).uniform(at: 0) == number)
    #expect(RandomSource(seed: 2, choice: 0).uniform(at: 0) != number)
    #expect(RandomSource(seed: 1 << 32, choice: 0).uniform(at: 0) != number)
    #expect(RandomSource(seed: 1, choice: 1).uniform(at: 0) != number)
    #expect(RandomSource(seed: 1, choice: 1 << 32).uniform(at: 0) != number)
    #expect(RandomSource(seed: 1, choice: 0).uniform(at: 1) != number)
    #expect(RandomSource(seed: 1, choice: 0).uniform(at: 1 << 32) != number)
    #expect(RandomSource(seed: 1, choice: 0).uniform(at: -1) != number)
    #expect(RandomSource(seed: .max, choice: .min).uniform(at: .max) < 1)
  }
}
