import Testing

@testable import GPTModel

@Suite("Token masks")
struct TokenMaskTests {
  @Test(
    "A mask allows what was set, and nothing outside the vocabulary",
    arguments: [0, 1, 63, 64, 65, 130])
  func bits(count: Int) {
    var mask = TokenMask(count: count)
    #expect(mask.words.count == (count + 63) / 64)
    #expect(!(-2..<Token(count + 2)).contains { mask[$0] })
    var expected: Set<Token> = []
    for token in stride(from: Token(0), to: Token(count), by: 3) {
      mask[token] = true
      expected.insert(token)
    }
    for stranger: Token in [-1, Token(count), Token(count + 64), .max, .min] {
      mask[stranger] = true
    }
    #expect(Set((-2..<Token(count + 70)).filter { mask[$0] }) == expected)
    mask[3] = false
    #expect(Set((-2..<Token(count + 70)).filter { mask[$0] }) == expected.subtracting([3]))
    mask.insertAll()
    #expect((-2..<Token(count + 70)).filter { mask[$0] }.count == count)
    mask.removeAll()
    #expect(mask.words.allSatisfy { $0 == 0 })
    #expect(TokenMask(count: -1).count == 0)
  }

  @Test("Logits keep what the mask allows; those beyond its vocabulary are impossible")
  func logits() {
    for (vocabulary, count) in [(70, 70), (70, 40), (70, 100), (70, 300), (64, 128), (0, 3)] {
      for step in [1, 2, 60] {
        var mask = TokenMask(count: vocabulary)
        for token in stride(from: 0, to: Token(vocabulary), by: step) { mask[token] = true }
        let logits = (0..<count).map { Float($0) }
        let expected = logits.indices.map {
          $0 < vocabulary && $0 % step == 0 ? logits[$0] : -.infinity
        }
        #expect(adjusted(logits) { $0.allowOnly(mask) } == expected)
        if step == 1 {
          mask.insertAll()
          #expect(adjusted(logits) { $0.allowOnly(mask) } == expected)
        }
      }
    }
  }

  @Test("Logits that are no numbers are impossible too where the mask does not allow them")
  func failures() {
    let left = adjusted([1, .nan, .infinity, 2]) { $0.allowOnly(TokenMask(count: 4)) }
    #expect(left == Array(repeating: -.infinity, count: 4))
  }

  @Test("A mask knows how many tokens it allows, and the first")
  func summary() {
    var mask = TokenMask(count: 200)
    #expect(mask.summary == (0, nil))
    mask[130] = true
    #expect(mask.summary == (1, 130))
    (mask[64], mask[199]) = (true, true)
    #expect(mask.summary == (3, 64))
    mask.withMutableWords { $0.update(repeating: .max) }
    #expect(mask.summary == (200, 0))
    #expect(mask.words[3] == 0xff)
  }
}
