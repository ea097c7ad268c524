import Testing

@testable import GPTModel

/// Bias, penalties and bans against their formulas, written out plainly.
@Suite struct PenaltyTests {
  private let logits: [Float] = [2, -2, 0, 1.5, -.infinity, 4]

  @Test("Tokens are counted apart for prompt and answer")
  func counting() {
    var counts = TokenCounts(prompt: [3, 3, 1], reserving: 8)
    for token: Token in [3, 5, 5] { counts.record(token) }
    #expect([0, 1, 3, 5].map { counts.entries[$0]?.prompt } == [nil, 1, 2, 0])
    #expect([0, 1, 3, 5].map { counts.entries[$0]?.generated } == [nil, 0, 1, 2])
  }

  @Test("A bias is added, and a token outside the vocabulary ignored")
  func bias() {
    let bias: [Token: Float] = [0: 1, 1: -100, 4: 50, -1: 3, 6: 3, .max: 3]
    #expect(adjusted(logits) { $0.add(bias) } == [3, -102, 0, 1.5, -.infinity, 4])
  }

  @Test("A bias of minus infinity makes a token impossible")
  func infiniteBias() {
    let barred = parameters { $0.logitBias = [5: -.infinity] }
    #expect(survivors(of: logits, with: barred)?[5].probability == 0)
  }

  @Test("The repetition penalty lowers tokens of prompt and answer once")
  func repetition() {
    var counts = TokenCounts(prompt: [0, 0, 1])
    for token: Token in [5, 4, 4] { counts.record(token) }
    let penalized = adjusted(logits) { $0.penalizeRepetition(of: counts, by: 2) }
    #expect(penalized == [1, -4, 0, 1.5, -.infinity, 2])
  }

  @Test("Presence counts once and frequency each time, for generated tokens only")
  func presenceAndFrequency() {
    var counts = TokenCounts(prompt: [0, 0, 1])
    for token: Token in [3, 3, 5] { counts.record(token) }
    let penalized = adjusted(logits) {
      $0.penalizeOccurrence(in: counts, presence: 0.5, frequency: 0.25)
    }
    #expect(penalized == [2, -2, 0, 0.5, -.infinity, 3.25])
  }

  @Test("Banned tokens are impossible for the draw and for the greedy choice")
  func banned() {
    let context = SamplingContext(choice: 0, position: 7, banned: [5, 0, -4, 999])
    #expect(choose(from: logits, with: .greedy, in: context) == 3)
    let left = survivors(of: logits, in: context)
    #expect(left?.filter { $0.probability > 0 }.map(\.token) == [1, 2, 3])
    let all = SamplingContext(choice: 0, position: 7, banned: [0, 1, 2, 3, 4, 5])
    #expect(choose(from: logits, in: all) == nil)
    #expect(choose(from: logits, with: .greedy, in: all) == nil)
  }

  @Test("A ban does not hide a model's failure")
  func bannedNaN() {
    let context = SamplingContext(choice: 0, position: 0, banned: [1])
    #expect(choose(from: [0, .nan, 1], in: context) == nil)
    #expect(choose(from: [0, .infinity, 1], in: context) == nil)
  }

  @Test("Greedy choice follows bias and penalties")
  func greedy() {
    var greedy = SamplingParameters.greedy
    #expect(choose(from: logits, with: greedy) == 5)
    greedy.logitBias = [3: 10]
    #expect(choose(from: logits, with: greedy) == 3)
    greedy.frequencyPenalty = 8
    var context = SamplingContext(choice: 0, position: 0)
    context.counts.record(3)
    #expect(choose(from: logits, with: greedy, in: context) == 5)
  }

  @Test("Only penalties need counts")
  func needsCounts() {
    #expect(!SamplingParameters().needsCounts)
    #expect(!parameters { $0.logitBias = [1: 1] }.needsCounts)
    #expect(parameters { $0.repetitionPenalty = 1.1 }.needsCounts)
    #expect(parameters { $0.presencePenalty = 1 }.needsCounts)
    #expect(parameters { $0.frequencyPenalty = -1 }.needsCounts)
  }
}
