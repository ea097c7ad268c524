import Foundation
import TestSupport
import Testing

@testable import GPTModel

/// Top-k, top-p and min-p against a plain reference that sorts everything.
@Suite struct TruncationTests {
  /// Indices by falling logit, then rising index.
  private func order(_ logits: [Float]) -> [Int] {
    logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }
  }

  @Test("Without rules every token keeps its softmax probability")
  func softmaxAlone() throws {
    var generator = SeededGenerator(seed: 1)
    for count in [1, 2, 3, 63, 64, 65, 500] {
      let logits = generator.logits(count: count)
      let left = try #require(survivors(of: logits))
      #expect(left.map(\.token) == (0..<count).map { Token($0) })
      for (survivor, expected) in zip(left, softmax(logits)) {
        #expect(abs(survivor.probability - expected) < 1e-6)
      }
      #expect(abs(left.map(\.probability).reduce(0, +) - 1) < 1e-12)
    }
  }

  @Test("Top-k keeps exactly the k best, of equal ones the lowest, in ascending order")
  func topK() throws {
    var generator = SeededGenerator(seed: 2)
    for count in [1, 2, 10, 200] {
      for limit in [1, 2, 7, count / 2, count - 1, count, count + 5] where limit > 0 {
        let logits = generator.logits(count: count)
        let left = try #require(survivors(of: logits, with: parameters { $0.topK = limit }))
        let expected = order(logits).prefix(limit).sorted()
        #expect(left.map { Int($0.token) } == expected, "\(limit) of \(count)")
        #expect(abs(left.map(\.probability).reduce(0, +) - 1) < 1e-12)
      }
    }
  }

  @Test("Zero and minus zero are equal logits")
  func signedZero() {
    let logits: [Float] = [-1, -0.0, 0.0, -1]
    #expect(survivors(of: logits, with: parameters { $0.topK = 1 })?.map(\.token) == [1])
    #expect(survivors(of: logits, with: parameters { $0.topP = 1e-9 })?.map(\.token) == [1])
    #expect(choose(from: logits, with: .greedy) == 1)
  }

  @Test("Top-p keeps the fewest best tokens that reach the mass")
  func topP() throws {
    var generator = SeededGenerator(seed: 3)
    for count in [1, 2, 10, 65, 1000] {
      for mass: Float in [1e-9, 0.01, 0.3, 0.5, 0.9, 0.99, 0.9999, 0.999_999] {
        let logits = generator.logits(count: count)
        let left = try #require(survivors(of: logits, with: parameters { $0.topP = mass }))
        let probabilities = softmax(logits)
        var sum = 0.0
        var expected: [Int] = []
        for index in order(logits) where sum < Double(mass) {
          sum += probabilities[index]
          expected.append(index)
        }
        #expect(left.map { Int($0.token) } == expected.sorted(), "\(mass) of \(count)")
      }
    }
  }

  @Test("Top-p counts the mass of what top-k left")
  func topPAfterTopK() throws {
    // Probabilities 0.4, 0.3, 0.2, 0.1; of the two best alone 4/7 and 3/7.
    let logits = [0.4, 0.3, 0.2, 0.1].map { Float(log($0)) }
    let both = parameters {
      $0.topK = 2
      $0.topP = 0.5
    }
    #expect(survivors(of: logits, with: both)?.map(\.token) == [0])
    #expect(survivors(of: logits, with: parameters { $0.topP = 0.5 })?.map(\.token) == [0, 1])
  }

  @Test("A mass reached exactly needs no further token")
  func exactMass() throws {
    // A logit whose weight is one half to the bit, so that the sums below are exact.
    var half = Float(-log(2.0)).nextDown.nextDown
    for _ in 0..<4 where exponential(half) != 0.5 { half = half.nextUp }
    try #require(exponential(half) == 0.5)
    let logits = [0, 0, half, half, half, half]
    let left = survivors(of: logits, with: parameters { $0.topP = 0.5 })
    #expect(left?.map(\.token) == [0, 1])
    let more = survivors(of: logits, with: parameters { $0.topP = Float(0.5).nextUp })
    #expect(more?.map(\.token) == [0, 1, 2])
  }

  @Test("Min-p keeps what is likely enough beside the best")
  func minP() throws {
    var generator = SeededGenerator(seed: 4)
    for fraction: Float in [1e-6, 0.01, 0.2, 0.7, 1] {
      let logits = generator.logits(count: 300)
      let left = try #require(survivors(of: logits, with: parameters { $0.minP = fraction }))
      let best = try #require(logits.max())
      let expected = logits.indices.filter {
        exp(Double(logits[$0]) - Double(best)) >= Double(fraction)
      }
      #expect(left.map { Int($0.token) } == expected, "\(fraction)")
    }
  }

  @Test("Of equal logits the lowest tokens are kept")
  func allEqual() {
    let logits = [Float](repeating: 0.25, count: 100)
    let lowest = { (count: Int) in (0..<count).map { Token($0) } }
    #expect(survivors(of: logits, with: parameters { $0.topK = 5 })?.map(\.token) == lowest(5))
    #expect(survivors(of: logits, with: parameters { $0.topP = 0.25 })?.map(\.token) == lowest(25))
    #expect(survivors(of: logits, with: parameters { $0.minP = 1 })?.map(\.token) == lowest(100))
  }

  @Test("Parameters out of range neither trap nor empty the choice")
  func senselessParameters() {
    let logits: [Float] = [1, 3, 2]
    let odd: [Float] = [
      -1, 0, 2, .infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    ]
    for value in odd {
      for change: (inout SamplingParameters) -> Void in [
        { $0.temperature = value }, { $0.topP = value }, { $0.minP = value },
      ] {
        #expect(choose(from: logits, with: parameters(change)) != nil, "\(value)")
      }
    }
    #expect(survivors(of: logits, with: parameters { $0.topK = -3 })?.count == 3)
  }

  @Test("The heap hands out integers in ascending order")
  func heap() {
    var generator = SeededGenerator(seed: 5)
    for count in 0..<40 {
      let values = (0..<count).map { _ in generator.next() % 32 }
      let memory = UnsafeMutablePointer<UInt64>.allocate(capacity: max(count, 1))
      defer { memory.deallocate() }
      var heap = RankHeap(in: memory)
      for value in values { heap.appendUnordered(value) }
      heap.restoreOrder()
      var popped: [UInt64] = []
      while let value = heap.popFirst() { popped.append(value) }
      #expect(popped == values.sorted())
    }
  }

  @Test("A rank orders by logit, then by falling index, and gives both back")
  func rank() {
    let logits: [Float] = [
      -.infinity, -.greatestFiniteMagnitude, -1, -0.0, .leastNonzeroMagnitude, 1, 3e38,
    ]
    for (lower, higher) in zip(logits, logits.dropFirst()) {
      #expect(Rank(logit: lower, index: 0).bits < Rank(logit: higher, index: 9).bits)
    }
    #expect(Rank(logit: 2, index: 8).bits < Rank(logit: 2, index: 7).bits)
    for logit in logits {
      #expect(Rank(logit: logit, index: 49_151).logit == logit)
      #expect(Rank(logit: logit, index: 49_151).index == 49_151)
    }
  }
}

extension TruncationTests {
  /// Top-p trusts the exponential to be monotonic where one bucket meets the next.
  @Test("A greater logit never has a lower bucket")
  func monotonicBuckets() {
    for bucket in stride(from: 50, to: Candidates.bucketCount, by: 1) {
      let border = Float(bitPattern: UInt32(bucket) << 20)
      var logit = Float(log(Double(border)))
      for _ in 0..<40 { logit = logit.nextDown }
      var last = 0
      for _ in 0..<80 where logit <= 0 {
        let found = Candidates.bucket(of: exponential(logit))
        #expect(found >= last)
        last = found
        logit = logit.nextUp
      }
    }
  }
}
