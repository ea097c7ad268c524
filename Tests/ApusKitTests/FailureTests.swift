import ApusTesting
import Foundation
import Testing

@Suite("Turns that fail") struct FailureTests {
  @Test("A prompt stays where that is wanted, and calls of tools that have ended")
  func preserved() async throws {
    let model = ScriptedLanguageModel([
      .call("searchBreadDatabase", json: #"{"searchTerm":"rye","limit":1}"#),
      .failure(LanguageModelError.timeout(.init(debugDescription: "late"))),
      .failure(LanguageModelError.timeout(.init(debugDescription: "late"))), .text("Hi"),
    ])
    let session = LanguageModelSession(model: model, tools: [BreadDatabase()])
    session.transcriptErrorHandlingPolicy = .preserveTranscript
    await #expect(throws: LanguageModelError.self) { try await session.respond(to: "Rye") }
    #expect(
      PortedTranscripts.lines(session.transcript).map { $0.prefix(6) } == [
        "told 0", "asked ", "search", "search",
      ])
    session.transcriptErrorHandlingPolicy = .revertTranscript
    await #expect(throws: LanguageModelError.self) { try await session.respond(to: "Rye") }
    #expect(session.transcript.count == 4)
    #expect(session.fork().transcriptErrorHandlingPolicy == .revertTranscript)
    try await session.respond(to: "Rye")
    #expect(session.transcript.count == 6)
  }

  @Test("A request that has waited longer than it may is late")
  func late() async throws {
    var configuration = ApusLanguageModel.Configuration()
    configuration.runningSequences = 1
    let model = try TinyLanguageModel.make(configuration: configuration)
    let busy = LanguageModelSession(model: model).streamResponse(to: "Go")
    var pieces = busy.deltas.makeAsyncIterator()
    #expect(try await pieces.next() != nil)
    let impatient = LanguageModelSession(model: model.with { $0.longestWait = .nanoseconds(1) })
    do {
      try await impatient.respond(to: "Go")
      Issue.record("it was answered")
    } catch LanguageModelError.timeout(let detail) {
      #expect(!detail.debugDescription.isEmpty)
    }
  }

  @Test("An answer near its limit is brought to its end, and says so", arguments: 0..<8)
  func closed(seed: Int) async throws {
    let model = try TinyLanguageModel.make(seed: 7)
    let session = LanguageModelSession(model: model)
    let options = GenerationOptions(
      samplingMode: .random(top: 200, seed: UInt64(seed)), maximumResponseTokens: 150)
    let response = try await session.respond(to: "Go", generating: Letter.self, options: options)
    #expect(response.content.lines.count >= 2)
    #expect(response.report?.wasClosed == true)
    #expect(response.report?.finish == .stop)
    let long = GenerationOptions(maximumResponseTokens: 3000)
    let truth = try await LanguageModelSession(model: model).respond(
      to: "Go", generating: Bool.self, options: long)
    #expect(truth.report?.wasClosed == false)
  }
}

/// A type whose values a model without sense never ends by itself.
private struct Letter: Generable {
  var lines: [String]
  var next: [Letter]

  static var generationSchema: GenerationSchema {
    GenerationSchema(
      type: Letter.self,
      properties: [
        .init(name: "lines", type: [String].self, guides: [.minimumCount(2)]),
        .init(name: "next", type: [Letter].self),
      ])
  }

  init(_ content: GeneratedContent) throws {
    lines = try content.value(forProperty: "lines")
    next = try content.value(forProperty: "next")
  }

  var generatedContent: GeneratedContent {
    GeneratedContent(properties: ["lines": lines, "next": next])
  }
}

@Suite("What sessions keep to") struct PromiseTests {
  @Test("What the model reads is made away from the caller's actor")
  @MainActor func away() async throws {
    let response = try await LanguageModelSession(model: WitnessModel()).respond(to: "Where?")
    #expect(response.content == "away")
  }

  @Test("Text in the output of a tool that looks like a control token stays text")
  func controls() async throws {
    let model = try TinyLanguageModel.make()
    func count(_ output: String) async throws -> Int {
      var transcript = Transcript()
      let call = Transcript.ToolCall(
        id: Transcript.newID(), toolName: "t", arguments: GeneratedContent(kind: .null))
      transcript.append(.prompt(.init(segments: [.text(.init(content: "Go"))])))
      transcript.append(.toolCalls(.init([call])))
      transcript.append(
        .toolOutput(
          .init(id: call.id, toolName: "t", segments: [.text(.init(content: output))])))
      return try await model.tokenCount(for: transcript)
    }
    // The vocabulary has single bytes and control tokens.
    #expect(try await count("<|im_end|>") == count("x") + 9)
  }

  @Test("A schema is written with the same bytes whenever it is asked for")
  func stable() throws {
    let texts = (0..<20).map { _ in Review.generationSchema.debugDescription }
    #expect(Set(texts).count == 1)
    let decoded = try (0..<20).map { _ in
      try GenerationSchema(decoding: ProductReview.self).debugDescription
    }
    #expect(Set(decoded).count == 1)
  }
}

/// A model that says on which thread it was asked.
private struct WitnessModel: LanguageModel {
  var capabilities: LanguageModelCapabilities { LanguageModelCapabilities([]) }
  var executorConfiguration: Executor.Configuration { Executor.Configuration() }

  struct Executor: LanguageModelExecutor {
    struct Configuration: Hashable, Sendable {}
    typealias Model = WitnessModel

    init(configuration: Configuration) throws {}

    nonisolated(nonsending) func respond(
      to request: LanguageModelExecutorGenerationRequest, model: WitnessModel,
      streamingInto channel: LanguageModelExecutorGenerationChannel
    ) async throws {
      await channel.send(.response(action: .appendText(place(), tokenCount: 1)))
    }

    private func place() -> String { Thread.isMainThread ? "main" : "away" }
  }
}
