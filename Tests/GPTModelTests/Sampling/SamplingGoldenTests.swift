import Foundation
import Testing

@testable import GPTModel

/// The whole chain against numpy; Tests/Goldens/sampling.py made the numbers.
@Suite struct SamplingGoldenTests {
  private struct Golden: Decodable {
    let logits: [Float?]
    let prompt: [Token]
    let generated: [Token]
    let cases: [Case]
  }

  private struct Case: Decodable {
    let name: String
    let parameters: Parameters
    let probabilities: [Double]
  }

  private struct Parameters: Decodable {
    let logitBias: [String: Float]?
    let repetitionPenalty: Float?
    let presencePenalty: Float?
    let frequencyPenalty: Float?
    let temperature: Float?
    let topK: Int?
    let topP: Float?
    let minP: Float?

    var sampling: SamplingParameters {
      var sampling = SamplingParameters()
      for (token, amount) in logitBias ?? [:] {
        if let token = Token(token) { sampling.logitBias[token] = amount }
      }
      sampling.repetitionPenalty = repetitionPenalty ?? 1
      sampling.presencePenalty = presencePenalty ?? 0
      sampling.frequencyPenalty = frequencyPenalty ?? 0
      sampling.temperature = temperature ?? 1
      sampling.topK = topK ?? 0
      sampling.topP = topP ?? 1
      sampling.minP = minP ?? 0
      return sampling
    }
  }

  @Test("The rules leave the probabilities that numpy computes")
  func probabilities() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Goldens/sampling.json").standardized
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    let logits = golden.logits.map { $0 ?? -.infinity }
    var context = SamplingContext(choice: 0, position: 0)
    context.counts = TokenCounts(prompt: golden.prompt)
    for token in golden.generated { context.counts.record(token) }
    #expect(golden.cases.count > 8)
    for entry in golden.cases {
      let left = try #require(survivors(of: logits, with: entry.parameters.sampling, in: context))
      var found = [Double](repeating: 0, count: logits.count)
      for survivor in left { found[Int(survivor.token)] = survivor.probability }
      for (token, (mine, theirs)) in zip(found, entry.probabilities).enumerated() {
        #expect((mine > 1e-12) == (theirs > 1e-12), "\(entry.name), token \(token)")
        #expect(abs(mine - theirs) < 1e-6, "\(entry.name), token \(token)")
      }
    }
  }
}
