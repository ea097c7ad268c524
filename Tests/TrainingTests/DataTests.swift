import TestSupport
import Testing

@testable import Training

/// Documents, their rows and the leaves of a step.
@Suite("Data of training")
struct DataTests {
  /// A corpus whose tokens say where they lie: each document counts on.
  private static func corpus(_ lengths: [Int], vocabulary: Int = 70_000) throws -> TokenCorpus {
    var corpus = try TokenCorpus(
      vocabulary: vocabulary, vocabularyDigest: [UInt8](repeating: 7, count: 32))
    var next: UInt32 = 0
    for length in lengths {
      try corpus.append((0..<UInt32(length)).map { next + $0 })
      next += UInt32(length)
    }
    return corpus
  }

  @Test("A corpus is read as it was written", arguments: [1000, 70_000])
  func roundTrip(vocabulary: Int) throws {
    let corpus = try Self.corpus([3, 0, 1, 400], vocabulary: vocabulary)
    #expect(try TokenCorpus(decoding: corpus.encoded()) == corpus)
    #expect(corpus.document(2) == [3])
  }

  @Test("A damaged corpus is refused, whatever byte is wrong and wherever it ends")
  func damage() throws {
    let bytes = try Self.corpus([3, 5], vocabulary: 1000).encoded()
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x10
      #expect(throws: TrainingError.self) { try TokenCorpus(decoding: damaged) }
      #expect(throws: TrainingError.self) { try TokenCorpus(decoding: Array(bytes[..<index])) }
    }
  }

  @Test("Every token but the first of a document is a target once in an epoch")
  func targets() throws {
    let lengths = [1, 2, 30, 17, 100, 5, 0, 41]
    let corpus = try Self.corpus(lengths)
    let firsts = Set(lengths.indices.map { UInt32(lengths[..<$0].reduce(0, +)) })
    for epoch in 0..<3 {
      let table = RowTable(corpus, length: 16, seed: 5, epoch: epoch)
      #expect(table.count == RowTable.count(corpus, length: 16))
      var seen: [UInt32] = []
      for row in 0..<table.count {
        let count = table[row].reduce(0) { $0 + $1.count }
        #expect(count == 16 || row == table.count - 1)
        for segment in table[row] {
          seen += corpus.tokens[segment.start + 1..<segment.start + segment.count + 1]
        }
      }
      #expect(Set(seen).count == seen.count)
      #expect(Set(seen) == Set(corpus.tokens).subtracting(firsts))
    }
  }

  @Test("Epochs and seeds have orders of their own, and the same one each time")
  func orders() throws {
    let corpus = try Self.corpus([Int](repeating: 9, count: 50))
    let table = RowTable(corpus, length: 16, seed: 5, epoch: 0)
    #expect(table == RowTable(corpus, length: 16, seed: 5, epoch: 0))
    #expect(table != RowTable(corpus, length: 16, seed: 5, epoch: 1))
    #expect(table != RowTable(corpus, length: 16, seed: 6, epoch: 0))
  }

  @Test("Leaves of a step do not depend on the steps before it")
  func position() throws {
    let corpus = try Self.corpus([20, 33, 7, 60])
    let cut = try TrainingData.Cut(rowLength: 16, rows: 2, leaves: 4)
    var steady = try TrainingData(corpus, cut: cut, seed: 1)
    let all = try (0..<6).map { try steady.leaves(step: $0) }
    #expect(Set(all.flatMap { $0 }).count > 6)
    for step in [5, 0, 3] {
      var jumping = try TrainingData(corpus, cut: cut, seed: 1)
      #expect(try jumping.leaves(step: step) == all[step])
    }
  }

  @Test("A leaf's positions and sight begin anew with each document")
  func documents() throws {
    let leaf = try Leaf(
      tokens: [5, 6, 7, 8, 9], targets: [6, -1, 8, 9, -1], documentLengths: [2, 3])
    #expect(leaf.first == [0, 0, 2, 2, 2])
    #expect(leaf.positions == [0, 1, 0, 1, 2])
    #expect(leaf.kept == 3)
  }

  @Test(
    "Leaves whose documents are not their tokens are refused",
    arguments: [[], [5, 1], [4], [0, 5], [-1, 6], [Int.max, 1]])
  func malformed(lengths: [Int]) {
    #expect(throws: TrainingError.self) {
      try Leaf(
        tokens: [1, 2, 3, 4, 5], targets: [1, 2, 3, 4, 5], documentLengths: lengths)
    }
  }

  @Test("What is held out depends on the content alone, and is a twentieth")
  func heldOut() {
    let held = (0..<4000).filter { HeldOut.contains("document \($0)") }.count
    #expect((140...260).contains(held))
    #expect(HeldOut.contains("document 7") == HeldOut.contains("document " + "7"))
  }

  @Test("A mixture keeps its ratios at all times")
  func mixture() throws {
    var mixture = try Mixture(weights: [5, 0, 3, 2])
    for total in 1...200 {
      _ = mixture.next()
      for (drawn, weight) in zip(mixture.drawn, [0.5, 0, 0.3, 0.2]) {
        #expect((Double(drawn) - weight * Double(total)).magnitude <= 1)
      }
    }
    #expect(mixture.drawn == [100, 0, 60, 40])
    #expect(throws: TrainingError.self) { try Mixture(weights: [0, 0]) }
  }

  @Test("Random numbers are spread as they should be")
  func random() {
    let random = CounterRandom(seed: 1, purpose: .weights, step: 2)
    let normal = (0..<20_000).map { random.normal(UInt64($0)) }
    let mean = normal.reduce(0, +) / 20_000
    let variance = normal.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(mean.magnitude < 0.03 && (variance - 1).magnitude < 0.04)
    let counts = (0..<6000).reduce(into: [Int](repeating: 0, count: 6)) { counts, index in
      counts[Int(random.below(6, UInt64(index)))] += 1
    }
    #expect(counts.allSatisfy { (850...1150).contains($0) })
    let other = CounterRandom(seed: 1, purpose: .documents, step: 2)
    #expect(random.bits(0) != other.bits(0))
  }
}
