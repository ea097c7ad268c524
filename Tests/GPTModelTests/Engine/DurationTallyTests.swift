import GPTModel
import TestSupport
import Testing

@Suite("Duration tally")
struct DurationTallyTests {
  @Test("Quantiles are at most an eighth too long and never too short")
  func quantiles() {
    var generator = SeededGenerator(seed: 4)
    var tally = DurationTally()
    var times: [Double] = []
    for _ in 0..<2000 {
      let time = Double(1 + generator.below(1000)) * (generator.below(2) == 0 ? 1e-6 : 0.1)
      times.append(time)
      tally.add(time)
    }
    times.sort()
    for share in [0.001, 0.25, 0.5, 0.9, 0.99, 1] {
      let exact = times[max(0, Int((share * 2000).rounded(.up)) - 1)]
      #expect(tally.quantile(share) >= exact)
      #expect(tally.quantile(share) <= exact * 1.126)
    }
    #expect(tally.count == 2000)
    #expect(tally.longest == times.last)
    #expect(tally.quantile(1) == times.last)
  }

  @Test("What is no time counts as none, what is beyond all bounds as the longest")
  func bounds() {
    var tally = DurationTally()
    #expect(tally.quantile(0.99) == 0)
    for time in [0, -1, .nan, .infinity, 1e300, 1e-300] { tally.add(time) }
    #expect(tally.count == 6)
    #expect(tally.longest == 1e300)
    #expect(tally.quantile(0.5) <= 2e-6)
    #expect(tally.quantile(0.99) >= 3600)
  }
}
