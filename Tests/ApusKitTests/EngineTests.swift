import ApusTesting
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("Sessions over an engine") struct EngineTests {
  @Test("Many sessions at once answer as one after the other")
  func atOnce() async throws {
    var configuration = ApusLanguageModel.Configuration()
    (configuration.runningSequences, configuration.waitingRequests) = (16, 8)
    let model = try TinyLanguageModel.make(seed: 5, configuration: configuration)
    let options = GenerationOptions(maximumResponseTokens: 12)
    func answer(_ index: Int) async throws -> String {
      let session = LanguageModelSession(model: model.with { $0.seed = UInt64(index) })
      return try await session.respond(to: "Number \(index % 7)", options: options).content
    }
    var alone: [String] = []
    for index in 0..<200 { alone.append(try await answer(index)) }
    let together = try await withThrowingTaskGroup(of: (Int, String).self) { group in
      for index in 0..<200 { group.addTask { (index, try await answer(index)) } }
      var all = [String](repeating: "", count: 200)
      for try await (index, text) in group { all[index] = text }
      return all
    }
    #expect(together == alone)
    #expect(Set(alone).count > 150)
  }

  @Test("What sessions have in common is computed once")
  func cached() async throws {
    let model = try TinyLanguageModel.make()
    let session = LanguageModelSession(
      model: model, instructions: String(repeating: "Be brief. ", count: 40))
    let options = GenerationOptions(maximumResponseTokens: 4)
    let first = try await session.respond(to: "One", options: options)
    let second = try await session.fork().respond(to: "Two", options: options)
    #expect(first.usage.input.cachedTokenCount == 0)
    #expect(second.usage.input.cachedTokenCount >= 300)
    #expect(second.usage.input.totalTokenCount > first.usage.input.totalTokenCount)
  }

  @Test("A restored session answers as the one that was kept")
  func restored() async throws {
    let model = try TinyLanguageModel.make().with { $0.seed = 9 }
    let session = LanguageModelSession(model: model, instructions: "Be brief.")
    let options = GenerationOptions(maximumResponseTokens: 10)
    try await session.respond(to: "One", options: options)
    let data = try JSONEncoder().encode(session.transcript)
    let restored = LanguageModelSession(
      model: model, transcript: try JSONDecoder().decode(Transcript.self, from: data))
    let one = try await session.respond(to: "Two", options: options)
    let two = try await restored.respond(to: "Two", options: options)
    #expect(one.content == two.content)
  }

  @Test("A seed is drawn where none is given, and the report tells it")
  func seeds() async throws {
    let model = try TinyLanguageModel.make()
    func answer(_ seed: UInt64?) async throws -> LanguageModelSession.Response<String> {
      try await LanguageModelSession(model: model.with { $0.seed = seed }).respond(
        to: "Go", options: GenerationOptions(maximumResponseTokens: 20))
    }
    let (one, other) = (try await answer(nil), try await answer(nil))
    #expect(one.content != other.content)
    let seed = try #require(one.report?.seed)
    #expect(try await answer(seed).content == one.content)
    #expect(one.report?.fingerprint == model.fingerprint)
  }

  @Test("A prompt beyond the context is refused with both numbers")
  func tooLong() async throws {
    let session = LanguageModelSession(model: try TinyLanguageModel.make(context: 64))
    do {
      try await session.respond(to: String(repeating: "x", count: 100))
      Issue.record("it was answered")
    } catch LanguageModelError.contextSizeExceeded(let detail) {
      #expect(detail.contextSize == 64)
      #expect(detail.tokenCount > 100)
    }
    #expect(session.transcript.isEmpty)
  }

  @Test("A full engine that is not to wait says when to try again")
  func full() async throws {
    var configuration = ApusLanguageModel.Configuration()
    (configuration.runningSequences, configuration.waitingRequests) = (1, 1)
    configuration.whenFull = .refuse
    let gate = Gate()
    let model = try TinyLanguageModel.make(configuration: configuration).with {
      $0.processors = [gate]
    }
    func ask() -> AsyncThrowingStream<String, any Error> {
      LanguageModelSession(model: model).streamResponse(to: "Go on.").deltas
    }
    let first = ask()
    while model.engine.status.running < 1 { await Task.yield() }
    let second = ask()
    while model.engine.status.waiting < 1 { await Task.yield() }
    do {
      try await LanguageModelSession(model: model).respond(to: "Me too.")
      Issue.record("it was answered")
    } catch LanguageModelError.rateLimited(let detail) {
      #expect(detail.resetDate != nil)
    }
    gate.open()
    withExtendedLifetime((first, second)) {}
  }

  @Test("After the end there are no more answers")
  func shutDown() async throws {
    let model = try TinyLanguageModel.make()
    await model.shutDown()
    let error = await #expect(throws: ApusError.self) {
      try await LanguageModelSession(model: model).respond(to: "Go")
    }
    #expect(error?.kind == .shuttingDown)
  }

  @Test("Vectors of many texts have the bits of one, and wait where there is no room")
  func embeddings() async throws {
    var configuration = ApusLanguageModel.Configuration()
    (configuration.runningSequences, configuration.waitingRequests) = (2, 1)
    let model = try TinyLanguageModel.make(configuration: configuration)
    let texts = (0..<20).map { "text \($0)" }
    let vectors = try await model.embeddings(of: texts)
    for (text, vector) in zip(texts, vectors) {
      #expect(try await model.embeddings(of: [text]) == [vector])
    }
    #expect(Set(vectors).count == 20)
  }

  @Test("Tokens can be counted before they are asked")
  func tokens() async throws {
    let model = try TinyLanguageModel.make()
    #expect(try await model.tokenCount(for: "abc") == 3)
    let session = LanguageModelSession(model: model, instructions: "Hi")
    #expect(try await model.tokenCount(for: session.transcript) > 2)
    let schema = try GenerationSchema(decoding: Flags.self)
    #expect(try await model.tokenCount(for: schema) > 100)
  }

  @Test("A prompt is read ahead")
  func prewarm() async throws {
    let model = try TinyLanguageModel.make()
    let text = String(repeating: "Be brief. ", count: 40)
    let session = LanguageModelSession(model: model, instructions: text)
    session.prewarm()
    while model.engine.measures.endings.isEmpty { await Task.yield() }
    let options = GenerationOptions(maximumResponseTokens: 2)
    #expect(
      try await session.respond(to: "Go", options: options).usage.input.cachedTokenCount > 300)
  }
}

@Suite("Rules of one's own") struct LogitProcessorTests {
  /// Lets only some bytes through, and counts how often it was asked.
  struct Only: LogitProcessor {
    let allowed: Set<Int>
    var asked = 0

    mutating func process(_ logits: inout MutableSpan<Float>, after tokens: Span<Token>) {
      asked += 1
      for token in 0..<logits.count where !allowed.contains(token) { logits[token] = -.infinity }
    }
  }

  /// Takes what the tokens before say.
  struct Echo: LogitProcessor {
    let first: Int
    var count = 0

    mutating func process(_ logits: inout MutableSpan<Float>, after tokens: Span<Token>) {
      // Its own state and the tokens go on together.
      let next = count == 0 ? first : Int(tokens[tokens.count - 1]) + 1
      count += 1
      for token in 0..<logits.count where token != next { logits[token] = -.infinity }
    }
  }

  private func token(_ text: String, _ model: ApusLanguageModel) -> Int {
    Int(model.engine.model.tokenizer.encode(text)[0])
  }

  @Test("A rule holds for the requests of its value, and for no others")
  func only() async throws {
    let model = try TinyLanguageModel.make().with { $0.seed = 4 }
    let options = GenerationOptions(maximumResponseTokens: 30)
    func answer(_ model: ApusLanguageModel) async throws -> String {
      try await LanguageModelSession(model: model).respond(to: "Go", options: options).content
    }
    let plain = try await answer(model)
    let ruled = model.with {
      $0.processors = [Only(allowed: [token("a", model), token("b", model)])]
    }
    let one = try await answer(ruled)
    #expect(one.count == 30 && one.allSatisfy { "ab".contains($0) })
    #expect(Set(one).count == 2)
    #expect(try await answer(ruled) == one)
    #expect(try await answer(model) == plain)
    async let (first, second) = (answer(ruled), answer(model))
    #expect(try await first == one)
    #expect(try await second == plain)
  }

  @Test("A rule is shown the tokens so far, and each request has its own copy")
  func tokens() async throws {
    let model = try TinyLanguageModel.make()
    let ruled = model.with { $0.processors = [Echo(first: token("a", model))] }
    for _ in 0..<2 {
      let session = LanguageModelSession(model: ruled)
      let answer = try await session.respond(
        to: "Go", options: GenerationOptions(maximumResponseTokens: 5))
      #expect(answer.content == "abcde")
    }
  }

  @Test("A rule and a form hold together, and where they leave nothing the request fails")
  func constrained() async throws {
    let model = try TinyLanguageModel.make().with { $0.seed = 2 }
    let digits = Set("0123456789".map { token(String($0), model) })
    let others = Set(0..<model.engine.model.tokenizer.count).subtracting(digits)
    let ruled = model.with { $0.processors = [Only(allowed: others.union([token("4", model)]))] }
    let answer = try await LanguageModelSession(model: ruled).respond(
      to: "Go", decoding: Stars.self, options: GenerationOptions(maximumResponseTokens: 900))
    #expect(answer.value.stars == 4)
    let never = model.with { $0.processors = [Only(allowed: others)] }
    await #expect(throws: EngineError.noTokenAllowed) {
      try await LanguageModelSession(model: never).respond(
        to: "Go", decoding: Stars.self, options: GenerationOptions(maximumResponseTokens: 900))
    }
  }

  @Test("A template of one's own takes the place of the file's")
  func template() async throws {
    let model = try TinyLanguageModel.make()
    let own = try model.with {
      $0.template = try ChatTemplate(source: "{% for m in messages %}{{ m.content }}{% endfor %}")
    }
    let session = LanguageModelSession(model: own, instructions: "ab")
    let response = try await session.respond(
      to: "cd", options: GenerationOptions(maximumResponseTokens: 1))
    #expect(response.usage.input.totalTokenCount == 4)
  }

  @Test("A template of one's own has the vocabulary's special tokens")
  func specialTokens() async throws {
    let model = try TinyLanguageModel.make()
    func count(_ template: ChatTemplate) async throws -> Int {
      try await LanguageModelSession(model: model.with { $0.template = template }).respond(
        to: "cd", options: GenerationOptions(maximumResponseTokens: 1)
      ).usage.input.totalTokenCount
    }
    let source = "{{ messages[0].content }}{{ eos_token }}"
    #expect(try await count(ChatTemplate(source: source)) == 3)
    #expect(try await count(ChatTemplate(source: source, specialTokens: ["eos_token": "ab"])) == 4)
  }
}

@Suite("Choices") struct ChoiceTests {
  enum Mood: String, CaseIterable { case glad, sad, saddest }

  @Test("Probabilities are the softmax over what the engine says of the tokens")
  func exact() async throws {
    let model = try TinyLanguageModel.make(seed: 11)
    let session = LanguageModelSession(model: model, instructions: "Choose.")
    let choice = try await session.choose(Mood.self, for: "I won.")
    #expect(session.transcript.count == 1)
    #expect(!session.isResponding)
    #expect(abs(choice.probabilities.values.reduce(0, +) - 1) < 1e-12)
    #expect(choice.probabilities[choice.value] == choice.probabilities.values.max())
    let loaded = model.engine.model
    let prompt = try loaded.request(for: [
      ChatMessage(role: "system", content: "Choose."), ChatMessage(role: "user", content: "I won."),
    ]).prompt.tokens
    var sums: [Mood: Double] = [:]
    for mood in Mood.allCases {
      let answer = loaded.tokenizer.encode(mood.rawValue) + [loaded.tokenizer.endOfSequence ?? 0]
      var request = GenerationRequest(
        prompt: prompt + answer, stop: StopCondition(maximumTokens: 0))
      request.promptAlternatives = 0
      for try await event in try model.engine.generate(request) {
        guard case .prompt(let report) = event else { continue }
        sums[mood] = report.logprobs.suffix(answer.count).reduce(0) {
          $0 + Double($1.chosen.logprob)
        }
      }
    }
    let mass = sums.values.reduce(0) { $0 + exp($1) }
    for mood in Mood.allCases {
      let expected = exp(try #require(sums[mood])) / mass
      #expect(abs(try #require(choice.probabilities[mood]) - expected) < 1e-6)
    }
  }

  @Test("A model that tells no probabilities cannot choose")
  func scripted() async {
    let session = LanguageModelSession(model: ScriptedLanguageModel([]))
    await #expect(throws: LanguageModelError.self) { try await session.choose(Mood.self, for: "x") }
  }

}
