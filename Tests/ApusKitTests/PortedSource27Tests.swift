import ApusTesting
import Testing

@Suite("Source for the second version of FoundationModels") struct PortedSource27Tests {
  @Test("Sessions are asked in all ways, and their history can be cut")
  func sessions() async throws {
    let model = ScriptedLanguageModel([
      .text("Hi"), .text("Hi"), .text("7"), .text("[1]"), .text("8"), .text("Hi"), .text("9"),
    ])
    let session = LanguageModelSession(model: model, instructions: "Be brief.")
    #expect(try await PortedSessions27.ask(session) == 2)
    #expect(model.requests.first?.metadata["purpose"] as? String == "test")
    #expect(PortedSessions27.configure(session).count == 4)
    #expect(session.transcript.count == 5)
    guard case .instructions? = session.transcript.first else {
      Issue.record("the instructions are gone")
      return
    }
  }

  @Test("How much to think reaches a model that thinks, and is refused by one that does not")
  func levels() async throws {
    let thinking = LanguageModelSession(model: ThinkingParrot())
    let other = LanguageModelSession(model: ScriptedLanguageModel([.text("Hi")]))
    for context in PortedSessions27.levels() {
      let response = try await thinking.respond(to: "Polly", contextOptions: context)
      #expect(response.content == "Polly")
      do {
        try await other.respond(to: "Polly", contextOptions: context)
        Issue.record("it was not refused")
      } catch LanguageModelError.unsupportedCapability(let detail) {
        #expect(detail.capability == .reasoning)
      }
    }
  }

  @Test("What an executor says of usage, metadata and calls taken back arrives")
  func channel() async throws {
    let response = try await LanguageModelSession(model: ThinkingParrot()).respond(to: "Polly")
    #expect(response.usage.totalTokenCount == 7)
    #expect(response.usage.metadata["mood"] as? String == "good")
    #expect(response.usage.metadata["times"] as? Int == 2)
    #expect(response.transcriptEntries.count == 2)
  }

  @Test("Options tell their kinds, and tokens are counted")
  func options() async throws {
    let top = GenerationOptions(samplingMode: .random(top: 3, seed: 4), toolCallingMode: .required)
    #expect(PortedSessions27.names(of: top) == "top 3 4 required")
    #expect(PortedSessions27.names(of: GenerationOptions()) == "usual allowed")
    let counts = try await PortedSessions27.counts(TinyLanguageModel.make())
    #expect(counts.prefix(5).allSatisfy { $0 > 0 } && counts.last == 0)
  }

  @Test("Errors say what they are")
  func errors() async throws {
    let lines = PortedErrors27.lines()
    #expect(lines.allSatisfy { !$0.isEmpty } && Set(lines).count == lines.count)
    var explained: [String] = []
    for error in PortedErrors27.all {
      if let text = try await PortedErrors27.explanation(of: error) { explained.append(text) }
    }
    #expect(explained == ["I would rather not."])
  }

  @available(*, deprecated)
  @Test("What is thrown has the names of the first version, too")
  func earlierErrors() {
    let names = PortedErrors27.all.map { PortedErrors26.name(of: $0) }
    #expect(
      names.map { String($0.prefix(4)) } == [
        "size", "busy", "rule", "refu", "", "", "rule", "deco", "",
      ])
    #expect(PortedErrors26.name(of: LanguageModelSession.Error.concurrentRequests) == "busy")
    #expect(PortedErrors26.name(of: CancellationError()).isEmpty)
  }

  @Test("Schemas of later versions are kept to")
  func schemas() async throws {
    for schema in try PortedSchemas27.explicit() {
      #expect("\(schema.debugDescription)".contains(#""required":["note"]"#))
      try schema.check(#"{"note":null}"#)
      #expect(throws: ApusError.self) { try schema.check("{}") }
    }
    #expect("\(try PortedSchemas27.decimal())" == "0.1")
    #expect(PortedSchemas27.segments() == ["Bread", "Int", "prompt: \"rye\""])
  }
}
