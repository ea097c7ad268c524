import ApusTesting
import Synchronization
import Testing

@Suite("Tools") struct ToolTests {
  struct Place: Decodable, Sendable { var city: String }

  private func weather() throws -> ToolFunction<Place, String> {
    try ToolFunction("weather", "Tells the weather of a city") { "It rains in \($0.city)." }
  }

  @Test("A tool is called with what the model wrote, and the model is told what it gave back")
  func calls() async throws {
    let model = ScriptedLanguageModel([.call("weather", json: #"{"city":"Bern"}"#), .text("Rain.")])
    let session = LanguageModelSession(model: model, tools: [try weather()])
    let response = try await session.respond(to: "How is the weather in Bern?")
    #expect(response.content == "Rain.")
    #expect(response.transcriptEntries.count == 4)
    #expect(session.transcript.count == 5)
    guard case .toolOutput(let output)? = model.requests.last?.transcript.last,
      case .text(let text)? = output.segments.first
    else {
      Issue.record("no output")
      return
    }
    #expect(text.content == "It rains in Bern.")
  }

  @Test("Two tools of one turn run at once, and their outputs keep the order of the calls")
  func parallel() async throws {
    let meeting = Meeting()
    let one = try ToolFunction("one", "") { (_: Place) in
      await meeting.arrive()
      return "1"
    }
    let two = try ToolFunction("two", "") { (_: Place) in
      await meeting.arrive()
      return "2"
    }
    let json = #"{"city":"x"}"#
    let model = ScriptedLanguageModel([.calls([("two", json), ("one", json)]), .text("Done")])
    let session = LanguageModelSession(model: model, tools: [one, two])
    try await session.respond(to: "Both")
    let names = session.transcript.compactMap { entry -> String? in
      if case .toolOutput(let output) = entry { output.toolName } else { nil }
    }
    #expect(names == ["two", "one"])
  }

  @Test("Rounds of tools are bounded")
  func rounds() async throws {
    let model = ScriptedLanguageModel { _ in .call("weather", json: #"{"city":"Bern"}"#) }
    let session = LanguageModelSession(model: model, tools: [try weather()])
    session.maximumToolRounds = 2
    let error = await #expect(throws: ApusError.self) { try await session.respond(to: "Go") }
    #expect(error?.kind == .tooManyToolRounds)
    #expect(error?.subject == "2")
    #expect(model.requests.count == 3)
    #expect(session.transcript.count == 1)
  }

  @Test("A call of an unknown tool is an error that names it")
  func unknown() async throws {
    let model = ScriptedLanguageModel([.call("wether", json: "{}")])
    let session = LanguageModelSession(model: model, tools: [try weather()])
    let error = await #expect(throws: ApusError.self) { try await session.respond(to: "Go") }
    #expect(error?.kind == .unknownTool)
    #expect(error?.subject == "wether")
  }

  @Test("What a tool throws comes out with the tool, and the transcript stays")
  func throwing() async throws {
    struct Failure: Error {}
    let tool = try ToolFunction("fail", "") { (_: Place) -> String in throw Failure() }
    let model = ScriptedLanguageModel([.call("fail", json: #"{"city":"x"}"#)])
    let session = LanguageModelSession(model: model, tools: [tool])
    let error = await #expect(throws: LanguageModelSession.ToolCallError.self) {
      try await session.respond(to: "Go")
    }
    #expect(error?.tool.name == "fail")
    #expect(error?.underlyingError is Failure)
    #expect(session.transcript.count == 1)
  }

  @Test("Arguments that are none of the tool's are its error")
  func arguments() async throws {
    let model = ScriptedLanguageModel([.call("weather", json: #"{"town":"Bern"}"#)])
    let session = LanguageModelSession(model: model, tools: [try weather()])
    let error = await #expect(throws: LanguageModelSession.ToolCallError.self) {
      try await session.respond(to: "Go")
    }
    #expect(error?.underlyingError is DecodingError)
  }

  @Test("A cancelled turn cancels its tools, and says that it was cancelled")
  func cancelled() async throws {
    let meeting = Meeting(of: 2)
    let tool = try ToolFunction("wait", "") { (_: Place) in
      await meeting.arrive()
      while true {
        try Task.checkCancellation()
        await Task.yield()
      }
      return "never"
    }
    let model = ScriptedLanguageModel([.call("wait", json: #"{"city":"x"}"#)])
    let session = LanguageModelSession(model: model, tools: [tool])
    let task = Task { try await session.respond(to: "Go") }
    await meeting.arrive()
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(session.transcript.count == 1)
    #expect(!session.isResponding)
  }

  @Test("The schemas of tools are read at each turn")
  func schemas() async throws {
    let tool = Changing()
    let model = ScriptedLanguageModel([.text("1"), .text("2")])
    let session = LanguageModelSession(model: model, tools: [tool])
    try await session.respond(to: "One")
    tool.choices.withLock { $0 = ["c"] }
    try await session.respond(to: "Two")
    let schemas = model.requests.map { $0.enabledToolDefinitions.first?.parameters }
    #expect(schemas[0] != schemas[1])
  }

  @Test("Tools that are not allowed are not offered, and are required only once")
  func modes() async throws {
    let model = ScriptedLanguageModel([
      .text("1"), .call("weather", json: #"{"city":"Bern"}"#), .text("2"),
    ])
    let session = LanguageModelSession(model: model, tools: [try weather()])
    try await session.respond(to: "One", options: GenerationOptions(toolCallingMode: .disallowed))
    try await session.respond(to: "Two", options: GenerationOptions(toolCallingMode: .required))
    #expect(model.requests.map(\.enabledToolDefinitions.count) == [0, 1, 1])
    #expect(
      model.requests.map(\.generationOptions.toolCallingMode) == [
        .disallowed, .required, .allowed,
      ])
  }

  @Test("A model keeps to the form of a tool's arguments, whatever it is")
  func enforced() async throws {
    struct Order: Decodable, Sendable, Guided {
      var size: Int
      var kind: String
      static let guides: [String: FieldGuide] = [
        "size": .range(3...5), "kind": .anyOf(["tea", "coffee"]),
      ]
    }
    let orders = Mutex<[Order]>([])
    let tool = try ToolFunction("order", "Orders a drink") { (order: Order) in
      orders.withLock { $0.append(order) }
      return "ordered"
    }
    let model = try TinyLanguageModel.make(seed: 3)
    let options = GenerationOptions(maximumResponseTokens: 400, toolCallingMode: .required)
    for seed in 0..<5 {
      let session = LanguageModelSession(
        model: model.with { $0.seed = UInt64(seed) }, tools: [tool])
      session.maximumToolRounds = 1
      do {
        try await session.respond(to: "Tea!", options: options)
      } catch let error as ApusError
        where error.kind == .tooManyToolRounds || error.kind == .cutShort
      {
        // A model without sense may go on, after the first call that was asked for.
      }
    }
    let made = orders.withLock { $0 }
    #expect(made.count >= 5)
    #expect(made.allSatisfy { (3...5).contains($0.size) && ["tea", "coffee"].contains($0.kind) })
  }

  /// A tool whose arguments change.
  final class Changing: Tool {
    let choices = Mutex(["a", "b"])
    let name = "changing"
    let description = "changes"

    var parameters: GenerationSchema {
      GenerationSchema(type: String.self, anyOf: choices.withLock { $0 })
    }

    @concurrent func call(arguments: GeneratedContent) async throws -> String { "" }
  }

  /// Lets nobody go before all have come.
  actor Meeting {
    private var missing: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(of count: Int = 2) { missing = count }

    func arrive() async {
      missing -= 1
      if missing == 0 {
        for waiter in waiting { waiter.resume() }
        waiting = []
      } else if missing > 0 {
        await withCheckedContinuation { waiting.append($0) }
      }
    }
  }
}
