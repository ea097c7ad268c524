import TestSupport
import Testing
import Tokenizers

@Suite("Byte-pair encoding")
struct TokenizerMergeTests {
  /// The tokens of a word, and the units of work that they took.
  private func encode(
    _ word: String, _ encoding: BytePairEncoding, scanning limit: Int
  ) -> (tokens: [Token], steps: Int) {
    var workspace = SubwordWorkspace()
    workspace.longestScannedWord = limit
    var tokens: [Token] = []
    encoding.encode(Array(word.utf8)[...], into: &tokens, using: &workspace)
    return (tokens, workspace.steps)
  }

  /// Byte-pair encoding as its definition says it.
  private func naive(_ word: String, _ draft: VocabularyDraft) -> [Token] {
    var pieces = word.utf8.map { ByteAlphabet.piece(for: [$0]) }
    while true {
      let ranked = zip(pieces, pieces.dropFirst()).enumerated().compactMap { index, pair in
        draft.merges.firstIndex(of: "\(pair.0) \(pair.1)").map { (rank: $0, index: index) }
      }
      guard let best = ranked.min(by: { ($0.rank, $0.index) < ($1.rank, $1.index) }) else { break }
      pieces.replaceSubrange(
        best.index...(best.index + 1), with: [pieces[best.index] + pieces[best.index + 1]])
    }
    return pieces.compactMap { draft.pieces.firstIndex(of: $0).map { Token($0) } }
  }

  /// Merges over few letters, in an order in which parts may come after their results.
  private func randomDraft(_ generator: inout SeededGenerator) -> VocabularyDraft {
    var pieces = ["a", "b", "c"]
    var merges: Set<String> = []
    for _ in 0..<Int.random(in: 1...30, using: &generator) {
      guard let left = pieces.randomElement(using: &generator),
        let right = pieces.randomElement(using: &generator), left.count + right.count < 12
      else { continue }
      merges.insert("\(left) \(right)")
      if !pieces.contains(left + right) { pieces.append(left + right) }
    }
    return .bytes(merges: merges.sorted().shuffled(using: &generator))
  }

  @Test("The queue and the scan give what the definition gives, in whatever order merges rank")
  func queueScanAndDefinition() throws {
    var generator = SeededGenerator(seed: 21)
    for round in 0..<300 {
      let draft = randomDraft(&generator)
      let encoding = try BytePairEncoding(draft.vocabulary())
      for length in [0, 1, 2, 3, 7, 20, 60] {
        let word = String((0..<length).map { _ in "abc".randomElement(using: &generator) ?? "a" })
        let expected = naive(word, draft)
        #expect(encode(word, encoding, scanning: .max).tokens == expected, "\(round): \(word)")
        #expect(encode(word, encoding, scanning: 0).tokens == expected, "\(round): \(word)")
      }
    }
  }

  @Test("A queue that is used again gives what a new one gives")
  func queueIsReusable() throws {
    let draft = VocabularyDraft.bytes(merges: ["b c", "a bc", "a b", "ab c", "c a"])
    let encoding = try BytePairEncoding(draft.vocabulary())
    var workspace = SubwordWorkspace()
    workspace.longestScannedWord = 0
    for word in ["abcabc", "", "cacab", "x", "bcbc", "abcabc"] {
      var tokens: [Token] = []
      encoding.encode(Array(word.utf8)[...], into: &tokens, using: &workspace)
      #expect(tokens == naive(word, draft))
    }
  }

  @Test(
    "Twice the text takes about twice the steps, even where nothing breaks it",
    arguments: ["A", "AB", "\n", " ", "👩‍👩‍👧‍👦", "\u{301}", "ab cd", "12"])
  func workIsLinear(_ unit: String) throws {
    var merges = ["A A", "AA AA", "AAAA AAAA", "A B", "AB AB", "Ċ Ċ", "ĊĊ ĊĊ", "Ġ Ġ", "ĠĠ ĠĠ"]
    merges += ["Ì ģ", "Ìģ Ìģ", "ð Ł", "â Ģ", "âĢ į"]
    let encoding = try BytePairEncoding(VocabularyDraft.bytes(merges: merges).vocabulary())
    let word = String(repeating: unit, count: 4000)
    let once = encode(word, encoding, scanning: PairMerger.longestScannedWord)
    let twice = encode(word + word, encoding, scanning: PairMerger.longestScannedWord)
    #expect(Double(twice.steps) < 2.1 * Double(once.steps))
    #expect(once.steps < 12 * word.utf8.count)
  }

  @Test("Text against the order of ranks stays within n log n steps")
  func workOfLateMerges() throws {
    // Each merge makes the left part of one that ranks before it.
    let merges = ["abcdef a", "abcde f", "abcd e", "abc d", "ab c", "a b", "f abcd"]
    let draft = VocabularyDraft.bytes(merges: merges)
    let encoding = try BytePairEncoding(draft.vocabulary())
    let word = String(repeating: "abcdef", count: 500)
    let result = encode(word, encoding, scanning: 0)
    #expect(result.steps < 20 * word.utf8.count * 15)
    #expect(encode(word, encoding, scanning: .max).tokens == result.tokens)
  }

  @Test("Scanning stops where it would cost more than the queue")
  func scanIsBounded() throws {
    let encoding = try BytePairEncoding(VocabularyDraft.bytes(merges: ["a a"]).vocabulary())
    let word = String(repeating: "a", count: PairMerger.longestScannedWord)
    let steps = encode(word, encoding, scanning: PairMerger.longestScannedWord).steps
    #expect(steps <= PairMerger.longestScannedWord * PairMerger.longestScannedWord)
    #expect(steps > PairMerger.longestScannedWord)
  }

  @Test("The heap gives its elements in ascending order")
  func heapOrder() {
    var generator = SeededGenerator(seed: 3)
    var heap = MinimumHeap()
    var expected: [UInt64] = []
    for _ in 0..<500 {
      let element = UInt64.random(in: 0..<100, using: &generator)
      heap.insert(element)
      expected.append(element)
    }
    expected.sort()
    #expect(heap.minimum == expected.first)
    #expect((0..<500).compactMap { _ in heap.removeMinimum() } == expected)
    #expect(heap.removeMinimum() == nil)
  }
}
