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

  @Test("Every part of a vocabulary has a key of its own")
  func keys() {
    let keys = VocabularyField.allCases.map { field in
      ModelError(VocabularyError(.invalid, field: field, "")).field
    }
    #expect(Set(keys).count == VocabularyField.allCases.count)
    #expect(keys.allSatisfy { $0.hasPrefix("tokenizer.ggml.") })
  }
}
