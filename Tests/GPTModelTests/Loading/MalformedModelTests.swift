import Evaluation
import GPTModel
import TestSupport
import Testing

@Suite("Malformed models")
struct MalformedModelTests {
  @Test("Every malformed file is a ModelError, or a model that computes finite logits or says so")
  func everyFile() throws {
    let files = MalformedModelFiles.all
    #expect(files.count >= 200)
    for file in files {
      do {
        let model = try LoadedModel.read(source: MemorySource(file.bytes))
        #expect(file.expectation == .mayRun, "\(file.group) \(file.name) was accepted")
        try run(model)
      } catch let error as ModelError {
        #expect(file.expectation != .mayRun || !error.detail.isEmpty, "\(file.name)")
      } catch {
        Issue.record("\(file.group) \(file.name): \(error) is no ModelError")
      }
    }
  }

  @Test("A randomly damaged file is a ModelError, or a model that runs")
  func randomDamage() throws {
    let base = TinyModel.least.builder().image()
    for seed in 0..<500 as Range<UInt64> {
      let bytes = MalformedModelFiles.mutation(of: base, seed: seed)
      do {
        try run(try LoadedModel.read(source: MemorySource(bytes)))
      } catch is ModelError {
        continue
      } catch {
        Issue.record("seed \(seed): \(error) is no ModelError")
      }
    }
  }

  private func run(_ model: LoadedModel) throws {
    var configuration = EngineConfiguration()
    configuration.contextLength = 4
    configuration.threads = 1
    let scorer = try Scorer(model: model, configuration: configuration)
    var rows = 0
    try scorer.logits(of: [0, 1], at: 0..<2) { _, _ in rows += 1 }
    #expect(rows == 2)
  }
}
