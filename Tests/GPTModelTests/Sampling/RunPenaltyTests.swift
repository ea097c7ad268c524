import TestSupport
import Testing
import Tokenizers

@testable import GPTModel

/// Penalties of repeated runs against a search for each run.
@Suite struct RunPenaltyTests {
  private static let breaker: Token = 4

  /// The longest runs by trying each place and each length.
  private func search(_ history: [Token], _ parameters: RunPenaltyParameters) -> [Token: Int] {
    let seen = Array(history.suffix(parameters.window ?? history.count))
    var longest: [Token: Int] = [:]
    for next in seen.indices.dropFirst() {
      for length in 1...next {
        let run = seen[(next - length)..<next]
        guard run == seen.suffix(length), !run.contains(Self.breaker) else { break }
        if length >= parameters.allowedLength {
          longest[seen[next]] = max(longest[seen[next]] ?? 0, length)
        }
      }
    }
    return longest
  }

  private func runs(_ prompt: [Token], _ parameters: RunPenaltyParameters) -> RepeatedRuns {
    RepeatedRuns(prompt: prompt, parameters: parameters) { $0 == Self.breaker }
  }

  @Test("Runs are found as by a search, whether tokens came as a prompt or one by one")
  func found() {
    var generator = SeededGenerator(seed: 41)
    for allowed in [1, 2, 4] {
      for window in [nil, 1, 2, 5, 17, 1000] {
        var parameters = RunPenaltyParameters()
        (parameters.multiplier, parameters.allowedLength, parameters.window) = (1, allowed, window)
        for kinds in [1, 2, 3, 5] {
          let history = (0..<60).map { _ in Token(generator.below(kinds)) }
          let begin = generator.below(history.count + 1)
          var growing = runs(Array(history.prefix(begin)), parameters)
          for (index, token) in history.enumerated().dropFirst(begin) {
            growing.record(token)
            let known = Array(history[...index])
            #expect(growing.continuations() == search(known, parameters))
          }
          #expect(runs(history, parameters).continuations() == search(history, parameters))
        }
      }
    }
  }

  @Test("A run longer than any that counts stays as long as the longest")
  func longRuns() {
    var parameters = RunPenaltyParameters()
    parameters.multiplier = 1
    let text = [Token](repeating: 7, count: 70_000)
    var long = runs(text, parameters)
    #expect(long.continuations() == [7: 256])
    long.record(7)
    #expect(long.continuations() == [7: 256])
    long.record(8)
    #expect(long.continuations().isEmpty)
  }

  @Test("The penalty grows by its base with each token of the run")
  func penalty() {
    var parameters = RunPenaltyParameters()
    (parameters.multiplier, parameters.base, parameters.allowedLength) = (0.5, 2, 2)
    let continuations: [Token: Int] = [0: 2, 1: 3, 2: 5, 3: 1, 9: 4, -1: 4]
    let penalized = adjusted([1, 1, 1, 1]) {
      $0.penalizeContinuations(continuations, by: parameters)
    }
    #expect(penalized == [0.5, 0, -3, 1])
    (parameters.multiplier, parameters.base) = (100, 100)
    let worst = adjusted([1, 1]) { $0.penalizeContinuations([0: 256], by: parameters) }
    #expect(worst == [-.greatestFiniteMagnitude, 1])
  }

  @Test("An answer has no run again whose repetition costs too much")
  func answer() async throws {
    var runPenalty = RunPenaltyParameters()
    (runPenalty.multiplier, runPenalty.breakers) = (1000, [])
    let engine = try Engine(model: try Models.tiny())
    let prompt: [Token] = [5, 6, 7, 5, 6, 7, 5, 6]
    var request = GenerationRequest(
      prompt: prompt, sampling: .greedy, stop: StopCondition(maximumTokens: 200))
    request.stop.atEndOfSequence = false
    func repetitions() async throws -> Int {
      let text = prompt + (try await Answer(try engine.generate(request)).tokens)
      return text.indices.dropFirst(prompt.count).count {
        search(Array(text[..<$0]), runPenalty)[text[$0]] != nil
      }
    }
    #expect(try await repetitions() > 0)
    request.sampling.runPenalty = runPenalty
    #expect(try await repetitions() == 0)
  }

  @Test("The token that would repeat a run is not chosen")
  func chosen() {
    var runPenalty = RunPenaltyParameters()
    runPenalty.multiplier = 10
    let rules = parameters { ($0.temperature, $0.runPenalty) = (0, runPenalty) }
    let repeated = runs([1, 2, 3, 0, 1, 2], runPenalty)
    let logits: [Float] = [0, 0, 0, 5]
    #expect(choose(from: logits, with: rules) == 3)
    let context = SamplingContext(
      choice: 0, position: 6, continuations: repeated.continuations())
    #expect(choose(from: logits, with: rules, in: context) == 0)
  }
}
