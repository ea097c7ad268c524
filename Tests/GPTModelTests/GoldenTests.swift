import Evaluation
import Foundation
import GPTModel
import Testing

/// The default model against `Goldens/smollm2.json`, which a plain float32 forward in numpy made.
@Suite(
  "Default model", .enabled(if: Models.hasDefault, "needs the file that Weights/fetch fetches"))
struct GoldenTests {
  struct Golden: Decodable {
    let cases: [Case]
  }

  struct Case: Decodable, CustomTestStringConvertible {
    let text: String
    let inputIds: [Token]
    let meanNLL: Double
    let greedy: [Token]
    let greedyMargins: [Double]
    let top10: [[Double]]

    enum CodingKeys: String, CodingKey {
      case text, greedy, top10
      case inputIds = "input_ids"
      case meanNLL = "mean_nll"
      case greedyMargins = "greedy_margins"
    }

    var testDescription: String { String(text.prefix(24)) }
  }

  /// What a near-tie is: rounded inputs and the bfloat16 cache move logits by less than this.
  private static let tie = 0.1
  private static let cases = Result { try Models.golden("smollm2.json", as: Golden.self).cases }

  @Test("Texts become the tokens of the published tokenizer, and tokens become the texts")
  func tokens() throws {
    let tokenizer = try Models.shared.get().tokenizer
    let cases = try Self.cases.get()
    #expect(cases.count == 5)
    for golden in cases {
      #expect(tokenizer.encode(golden.text) == golden.inputIds)
      let bytes = golden.inputIds.flatMap { tokenizer.bytes(of: $0) }
      #expect(String(decoding: bytes, as: UTF8.self) == golden.text)
    }
  }

  @Test("The mean loss is within a fifth of a percent, and the top logits within a tenth")
  func logits() throws {
    let scorer = try Scorer(model: try Models.shared.get())
    for golden in try Self.cases.get() {
      let count = golden.inputIds.count
      let losses = try scorer.negativeLogLikelihoods(of: golden.inputIds, at: 1..<count)
      let mean = losses.reduce(0, +) / Double(losses.count)
      #expect(
        (mean / golden.meanNLL - 1).magnitude <= 0.002, "\(mean), not \(golden.meanNLL)")
      var checked = 0
      try scorer.logits(of: golden.inputIds, at: (count - 1)..<count) { _, logits in
        let best = logits.indices.max { logits[$0] < logits[$1] }
        #expect(best.map(Double.init) == golden.top10.first?.first)
        for entry in golden.top10 {
          let error = (Double(logits[Int(entry[0])]) - entry[1]).magnitude
          #expect(error <= Self.tie, "logit \(entry[0]) is off by \(error)")
          checked += 1
        }
      }
      #expect(checked == 10)
    }
  }

  @Test("Greedy text is the reference's up to the first near-tie")
  func greedy() async throws {
    let engine = try Engine(model: try Models.shared.get())
    for golden in try Self.cases.get() {
      var stop = StopCondition()
      stop.maximumTokens = golden.greedy.count
      let request = GenerationRequest(prompt: golden.inputIds, sampling: .greedy, stop: stop)
      var found: [Token] = []
      for try await event in try engine.generate(request) {
        if case .token(let token) = event { found.append(token.token) }
      }
      let wanted = golden.greedy.filter { !engine.model.tokenizer.endsOfSequence.contains($0) }
      let fork = zip(found, wanted).enumerated().first { $1.0 != $1.1 }?.offset
      guard let fork else {
        #expect(found == wanted)
        continue
      }
      let margin = golden.greedyMargins[fork]
      print("'\(golden.testDescription)' leaves the reference at token \(fork), a tie of \(margin)")
      #expect(margin <= Self.tie, "token \(fork) differs though the reference is sure by \(margin)")
    }
  }

  @Test("Perplexity over Shakespeare is within a fifth of a percent of float32's")
  func perplexity() throws {
    let file = Models.root.deletingLastPathComponent()
      .appending(path: "shared/data/shakespeare.txt")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else {
      print("skipped: the text for perplexity is not beside the checkout")
      return
    }
    let model = try Models.shared.get()
    // The float32 figure for the first ten windows of 512 tokens.
    let reference = 39.438332517107185
    let result = try Perplexity.measure(
      text: model.tokenizer.encode(text), model: model, window: 512, chunks: 10)
    #expect(result.tokens == 10 * 255)
    #expect((result.value / reference - 1).magnitude <= 0.002, "\(result.value)")
  }
}
