import Evaluation
import Foundation
import GPTModel
import ModelFiles
import Tensor
import TestSupport
import Testing

/// Models in published folders against logits of an independent implementation in float32.
@Suite(
  "Published folders", .enabled(if: PublishedFolder.areThere, "needs folders beside the checkout"))
struct PublishedFolderTests {
  private static let folders = [
    "llama_gqa_tied", "llama3_ropescaled", "mistral_swa", "qwen2_tied", "qwen3", "gemma2_caps",
    "gemma3",
  ].map { PublishedFolder($0) }

  @Test(
    "A plain float64 forward of the same spec gives the reference's logits", arguments: folders)
  func referenceDecoder(folder: PublishedFolder) throws {
    let reference = try folder.reference()
    let expected = try folder.logits(reference)
    var decoder = try ReferenceDecoder(ModelSources.open(path: folder.path))
    decoder.round = nil
    var worst = 0.0
    for (found, wanted) in zip(try decoder.logits(of: reference.inputIds), expected) {
      let largest = Double(wanted.map(\.magnitude).max() ?? 1)
      for (found, wanted) in zip(found, wanted) {
        worst = max(worst, (found - Double(wanted)).magnitude / largest)
      }
    }
    // What float32 leaves of float64.
    #expect(worst <= 1e-5, "\(worst) of the largest logit")
  }

  @Test(
    "Log-probabilities of the likeliest tokens are the reference's but for a rounded cache",
    arguments: folders)
  func logits(folder: PublishedFolder) throws {
    let model = try LanguageModel.load(path: folder.path)
    let reference = try folder.reference()
    let expected = try folder.logits(reference)
    var errors: [Double] = []
    let scorer = try Scorer(model: model)
    try scorer.logits(of: reference.inputIds, at: 0..<expected.count) { position, logits in
      let found = Self.logProbabilities(logits.map(Double.init))
      let wanted = Self.logProbabilities(expected[position].map(Double.init))
      try #require(found.count == wanted.count)
      let likeliest = wanted.indices.sorted { wanted[$0] > wanted[$1] }.prefix(20)
      errors += likeliest.map { (found[$0] - wanted[$0]).magnitude }
    }
    #expect(errors.count == 20 * expected.count)
    #expect(errors.allSatisfy { $0 <= 0.05 }, "\(errors.max() ?? 0)")
    #expect(errors.reduce(0, +) / Double(errors.count) <= 0.01)
  }

  private static func logProbabilities(_ logits: [Double]) -> [Double] {
    let highest = logits.max() ?? 0
    let sum = highest + log(logits.reduce(0) { $0 + exp($1 - highest) })
    return logits.map { $0 - sum }
  }

  @Test("A text is the reference's tokens", arguments: folders)
  func tokens(folder: PublishedFolder) throws {
    let reference = try folder.reference()
    let text = try #require(reference.text)
    let tokenizer = try LanguageModel.loadTokenizer(path: folder.path)
    let tokens = tokenizer.encode([PromptSegment(text, from: .content)])
    #expect(Array(tokens.prefix(reference.inputIds.count)) == reference.inputIds)
  }
}
