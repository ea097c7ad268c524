import ApusTesting
import Testing

@Suite("Source for FoundationModels") struct PortedSourceTests {
  @Test("It runs as it is")
  func runs() async throws {
    let menu = #"{"dailySoup":"Clam","desserts":[1,"Pie"]}"#
    let model = ScriptedLanguageModel([
      .text("Hi"), .text("Hi"), .text("Hi"), .text("\"olives\""), .text("[1]"), .text("7"),
      .text(menu), .text(menu), .text("one two"), .text(#"{"searchTerm":"rye","limit":2}"#),
      .text("\"cheese\""),
    ])
    let session = LanguageModelSession(model: model)
    #expect(try await PortedSessions.ask(session) == "Hi olives 7 Clam false")
    let said = try await PortedSessions.stream(session)
    #expect(said.contains("one two") && said.contains("rye") && said.last == "cheese 2")
    #expect(PortedTranscripts.lines(session.transcript).count == 22)
    #expect(PortedSessions.make(model).count == 5)
    #expect(try PortedSchemas.content().hasPrefix("Ada 36 4 4 {\"name\":\"Ada\""))
    #expect(PortedSchemas.guides().count == 6)
  }

  @Test("A tool by hand is called")
  func tool() async throws {
    let model = ScriptedLanguageModel([
      .call("searchBreadDatabase", json: #"{"searchTerm":"rye","limit":2}"#), .text("Done"),
    ])
    let session = LanguageModelSession(model: model, tools: [BreadDatabase()])
    try await session.respond(to: "Rye")
    #expect(
      PortedTranscripts.lines(session.transcript) == [
        "told 0", "asked 1 0.0", #"searchBreadDatabase{"searchTerm":"rye","limit":2}"#,
        "searchBreadDatabase said 1", "answered 1",
      ])
  }

  @Test("A model of somebody's own answers, and its thoughts are no part of the answer")
  func model() async throws {
    let session = LanguageModelSession(model: ParrotLanguageModel())
    let response = try await session.respond(to: "Polly")
    #expect(response.content == "Polly")
    #expect(response.usage.output.reasoningTokenCount == 1)
    #expect(response.usage.output.totalTokenCount == 3)
    let tools = LanguageModelSession(model: ParrotLanguageModel(), tools: [BreadDatabase()])
    let error = await #expect(throws: LanguageModelError.self) {
      try await tools.respond(to: "Polly")
    }
    #expect(try PortedTranscripts.name(of: #require(error)) == "false")
  }
}
