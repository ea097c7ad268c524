import ApusTesting
import Testing

@Suite("Listings of the pages of ApusKit") struct CatalogueTests {
  @Test("They do what the pages say")
  func run() async throws {
    #expect(try await scriptedAdvice() == "Take an umbrella.")
    let model = ScriptedLanguageModel([.text(#"{"summary":"Fine.","stars":4}"#)])
    let found = try await review("It works.", LanguageModelSession(model: model))
    #expect(found.stars == 4 && found.tags == nil)
    let tiny = try TinyLanguageModel.make(ends: true)
    _ = try await feeling(of: "I won!", LanguageModelSession(model: tiny))
    #expect(try await answers(to: ["One", "Two"], tiny).count == 2)
  }
}
