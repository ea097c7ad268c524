import ApusTesting
import FoundationEssentials
import TestSupport
import Testing

@Suite("Sessions") struct SessionTests {
  @Test("A session remembers what was said, and what it took")
  func remembers() async throws {
    let model = ScriptedLanguageModel([.text("Hello Ada."), .text("Ada.")])
    let session = LanguageModelSession(model: model, instructions: "You are brief.")
    let first = try await session.respond(to: "My name is Ada.")
    #expect(first.content == "Hello Ada.")
    #expect(first.transcriptEntries.count == 2)
    #expect(first.report?.finish == .stop)
    #expect(try await session.respond(to: "What is my name?").content == "Ada.")
    #expect(session.transcript.count == 5)
    #expect(session.usage.output.totalTokenCount == 3)
    #expect(model.requests.last?.transcript.count == 4)
    #expect(!session.isResponding)
  }

  @Test("Without instructions there is no entry of them")
  func noInstructions() async throws {
    let session = LanguageModelSession(model: ScriptedLanguageModel([.text("Yes")]))
    try await session.respond { "Is it?" }
    #expect(session.transcript.count == 2)
  }

  @Test("Prompts and instructions are put together of parts")
  func builders() async throws {
    let model = ScriptedLanguageModel([.text("One")])
    let isLong = false
    let session = LanguageModelSession(model: model) {
      "Be brief."
      if isLong { "Or not." } else { "Really." }
    }
    try await session.respond {
      "Count:"
      for number in ["1", "2"] { number }
      7
      GeneratedContent(properties: ["a": 1, "b": "x"])
    }
    let entries = try #require(model.requests.first?.transcript)
    guard case .instructions(let instructions)? = entries.first,
      case .prompt(let prompt)? = entries.last,
      case .text(let told)? = instructions.segments.first,
      case .text(let asked)? = prompt.segments.first
    else {
      Issue.record("other entries")
      return
    }
    #expect(told.content == "Be brief.\nReally.")
    #expect(asked.content == "Count:\n1\n2\n7\n{\"a\":1,\"b\":\"x\"}")
  }

  @Test("Snapshots grow to the whole text, and deltas are its pieces")
  func streams() async throws {
    let model = ScriptedLanguageModel([.text("one two three"), .text("one two three")])
    let session = LanguageModelSession(model: model)
    var last = ""
    for try await snapshot in session.streamResponse(to: "Count.") {
      #expect(snapshot.content.hasPrefix(last))
      last = snapshot.content
    }
    #expect(last == "one two three")
    #expect(session.transcript.count == 2)
    var said = ""
    for try await piece in session.streamResponse(to: "Again.").deltas { said += piece }
    #expect(said == "one two three")
    #expect(session.transcript.count == 4)
  }

  @Test("A stream can be collected")
  func collects() async throws {
    let session = LanguageModelSession(model: ScriptedLanguageModel([.text("one two")]))
    let response = try await session.streamResponse(to: "Count.").collect()
    #expect(response.content == "one two")
    #expect(response.rawContent.isComplete)
  }

  @Test("A second prompt meanwhile is refused, and the first goes on")
  func concurrentRequests() async throws {
    let gate = Gate()
    let model = try TinyLanguageModel.make().with { $0.processors = [gate] }
    let session = LanguageModelSession(model: model)
    let stream = session.streamResponse(
      to: "Go on.", options: GenerationOptions(maximumResponseTokens: 200))
    #expect(session.isResponding)
    await #expect(throws: LanguageModelSession.Error.concurrentRequests) {
      try await session.respond(to: "Me too.")
    }
    let refused = session.streamResponse(to: "Me too.")
    await #expect(throws: LanguageModelSession.Error.concurrentRequests) {
      try await refused.collect()
    }
    gate.open()
    #expect(try await stream.collect().usage.output.totalTokenCount == 200)
    #expect(session.transcript.count == 2)
  }

  @Test("A turn that throws leaves the transcript as it was")
  func throwing() async throws {
    struct Failure: Error {}
    let model = ScriptedLanguageModel([.text("Yes."), .failure(Failure()), .text("No.")])
    let session = LanguageModelSession(model: model)
    try await session.respond(to: "One")
    let before = session.transcript
    await #expect(throws: Failure.self) { try await session.respond(to: "Two") }
    #expect(session.transcript == before)
    #expect(try await session.respond(to: "Three").content == "No.")
    #expect(session.transcript.count == 4)
  }

  @Test("A cancelled turn leaves the transcript as it was, and throws")
  func cancelled() async throws {
    let gate = Gate()
    defer { gate.open() }
    let model = try TinyLanguageModel.make().with { $0.processors = [gate] }
    let session = LanguageModelSession(model: model)
    let task = Task { try await session.streamResponse(to: "Go on.").collect() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(session.transcript.isEmpty)
    let other = Task { try await session.fork().respond(to: "Go on.") }
    other.cancel()
    await #expect(throws: CancellationError.self) { try await other.value }
  }

  @Test("A stream that nobody reads ends, and the session is free")
  func dropped() async throws {
    let session = LanguageModelSession(model: try TinyLanguageModel.make())
    _ = session.streamResponse(to: "Go on.")
    #expect(!session.isResponding)
    let options = GenerationOptions(maximumResponseTokens: 3)
    #expect(try await session.respond(to: "Now.", options: options).report?.finish == .length)
    #expect(session.transcript.count == 2)
  }

  @Test("A transcript that is changed meanwhile stays, and the turn fails")
  func mutation() async throws {
    let gate = Gate()
    let model = try TinyLanguageModel.make().with { $0.processors = [gate] }
    let session = LanguageModelSession(model: model)
    let stream = session.streamResponse(
      to: "Go on.", options: GenerationOptions(maximumResponseTokens: 100))
    session.transcript = Transcript()
    gate.open()
    await #expect(throws: LanguageModelSession.Error.transcriptMutationWhileResponding) {
      try await stream.collect()
    }
    #expect(session.transcript.isEmpty)
  }

  @Test("A fork goes on by itself")
  func forks() async throws {
    let session = LanguageModelSession(
      model: ScriptedLanguageModel([.text("1"), .text("2"), .text("3")]))
    session.maximumToolRounds = 3
    try await session.respond(to: "One")
    let fork = session.fork()
    try await fork.respond(to: "Two")
    #expect(session.transcript.count == 2)
    #expect(fork.transcript.count == 4)
    #expect(fork.maximumToolRounds == 3)
  }

  @Test("A transcript comes back from JSON as it was")
  func codable() async throws {
    let schema = GenerationSchema(
      type: String.self,
      properties: [.init(name: "z", type: Int.self), .init(name: "a", type: String?.self)])
    var transcript = Transcript(entries: [
      .instructions(
        .init(
          segments: [.text(.init(content: "Brief."))],
          toolDefinitions: [.init(name: "t", description: "d", parameters: schema)])),
      .prompt(
        .init(
          segments: [.text(.init(content: "Hi"))],
          options: GenerationOptions(samplingMode: .random(top: 3, seed: 5), temperature: 0.5),
          responseFormat: .init(schema: schema))),
      .toolCalls(
        .init([.init(id: "1", toolName: "t", arguments: try GeneratedContent(json: #"{"z":1}"#))])),
      .toolOutput(.init(id: "1", toolName: "t", segments: [.text(.init(content: "out"))])),
    ])
    transcript.append(
      .response(
        .init(segments: [
          .structure(.init(source: "s", content: GeneratedContent(properties: ["z": 1, "a": "b"])))
        ])))
    let data = try JSONEncoder().encode(transcript)
    #expect(try JSONDecoder().decode(Transcript.self, from: data) == transcript)
    let other = Data(
      String(decoding: data, as: UTF8.self).replacing("\"version\":1", with: "\"version\":9").utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Transcript.self, from: other) }
  }

  @Test("What a model cannot do is refused before it is asked")
  func capabilities() async throws {
    let session = LanguageModelSession(model: Plain())
    let error = await #expect(throws: LanguageModelError.self) {
      try await session.respond(to: "A number", generating: Int.self)
    }
    guard case .unsupportedCapability(let detail)? = error else {
      Issue.record("another error")
      return
    }
    #expect(detail.capability == .guidedGeneration)
    #expect(try await session.respond(to: "Hello").content == "plain")
  }

  /// A model of somebody's own, which can only say one word.
  struct Plain: LanguageModel {
    struct Executor: LanguageModelExecutor {
      struct Configuration: Hashable, Sendable {}

      init(configuration: Configuration) {}

      nonisolated(nonsending) func respond(
        to request: LanguageModelExecutorGenerationRequest, model: Plain,
        streamingInto channel: LanguageModelExecutorGenerationChannel
      ) async throws {
        await channel.send(.response(action: .appendText("plain", tokenCount: 1)))
      }
    }

    var capabilities: LanguageModelCapabilities { LanguageModelCapabilities([]) }
    var executorConfiguration: Executor.Configuration { .init() }
  }
}
