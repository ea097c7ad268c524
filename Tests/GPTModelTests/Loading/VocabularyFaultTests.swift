import ModelFiles
import Testing
import Tokenizers

@testable import GPTModel

@Suite("Faults of a file's vocabulary")
struct VocabularyFaultTests {
  @Test("A fault keeps its class and detail, and names the key of the file")
  func key() {
    let error = ModelError(VocabularyError(.duplicate, field: .merges, "merge 3 again"))
    #expect(
      error == ModelError(.duplicate, field: "tokenizer.ggml.merges", "merge 3 again"))
  }

  @Test("Every part of a vocabulary that a file of one piece has has a key of its own")
  func keys() {
    let others: Set<VocabularyField> = [.normalizer, .postProcessor, .decoder, .addedTokens, .rows]
    let fields = VocabularyField.allCases.filter { !others.contains($0) }
    let keys = fields.map { ModelError(VocabularyError(.invalid, field: $0, "")).field }
    #expect(Set(keys).count == fields.count)
    #expect(keys.allSatisfy { $0.hasPrefix("tokenizer.ggml.") })
  }
}
