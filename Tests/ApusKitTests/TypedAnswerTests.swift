import ApusTesting
import FoundationEssentials
import Testing

@Suite("Typed answers") struct TypedAnswerTests {
  @Test("Answers of a model without sense are values of their type, and keep to its guides")
  func answers() async throws {
    let seeds = ProcessEnvironment.integer("APUS_TYPED_SEEDS") ?? 3
    let model = try TinyLanguageModel.make(seed: 7, ends: true)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for type in checkedAnswers {
        for seed in 0..<seeds {
          group.addTask { try await Self.answer(type, model.with { $0.seed = UInt64(seed) }) }
        }
      }
      try await group.waitForAll()
    }
  }

  private static func answer<T: CheckedAnswer>(
    _ type: T.Type, _ model: ApusLanguageModel
  ) async throws {
    let session = LanguageModelSession(model: model)
    let options = GenerationOptions(maximumResponseTokens: 3000)
    do {
      let answer = try await session.respond(to: "Go", decoding: type, options: options)
      #expect(answer.value.isSound, "\(answer.json)")
      try GenerationSchema(decoding: type).check(answer.json)
    } catch {
      Issue.record("\(type) with seed \(model.request.seed ?? 0): \(error)")
    }
  }

  @Test(
    "A schema has the fields in the order in which they are read, and is the same text each time")
  func text() throws {
    struct Outer: Decodable {
      var z: Colour
      var a: [Int8]
      var m: Bool?
    }
    #expect(
      try GenerationSchema(decoding: Outer.self).debugDescription
        == ##"{"$ref":"#/$defs/Outer","$defs":{"Outer":{"type":"object","properties":{"z":{"type":"string","enum":["red","green","light blue"]},"a":{"type":"array","items":{"type":"integer","minimum":-128,"maximum":127}},"m":{"type":"boolean"}},"required":["z","a"],"additionalProperties":false}}}"##
    )
  }

  @Test("What cannot be described is refused, with the type or the field")
  func refusals() {
    func subject<T: Decodable>(_ type: T.Type) -> String? {
      let error = #expect(throws: ApusError.self) { try GenerationSchema(decoding: type) }
      #expect(error?.kind == .notDescribable)
      return error?.subject
    }
    enum Payload: Decodable {
      case one(Int)
      case two(String)
    }
    enum Uncounted: String, Decodable { case a, b }
    struct Dictionaries: Decodable { var all: [String: Int] }
    struct Dates: Decodable { var date: Date }
    struct Misguided: Decodable, Guided {
      var days: Int
      static let guides: [String: FieldGuide] = ["dais": "How long"]
    }
    final class Endless: Decodable { let next: Endless }
    #expect(subject(Payload.self) == "Payload")
    #expect(subject(Uncounted.self) == "Uncounted")
    #expect(subject(Dictionaries.self)?.contains("Dictionary") == true)
    #expect(subject(Dates.self) == "Date")
    #expect(subject(Misguided.self) == "Misguided.dais")
    #expect(subject(Endless.self) == "Endless")
  }

  @Test("A guide that does not fit its field is refused before the model is asked")
  func misfits() async throws {
    struct Misfit: Decodable, Sendable, Guided {
      var name: String
      static let guides: [String: FieldGuide] = ["name": .range(1...5)]
    }
    let model = ScriptedLanguageModel([.text("{}")])
    let session = LanguageModelSession(model: model)
    try await expectUnsupported { try await session.respond(to: "Go", decoding: Misfit.self) }
    let regex: [GenerationSchema.Property] = [
      .init(name: "a", type: String.self, guides: [.pattern(/(a)\1/)])
    ]
    let schema = GenerationSchema(type: String.self, properties: regex)
    let tiny = LanguageModelSession(model: try TinyLanguageModel.make())
    try await expectUnsupported { try await tiny.respond(to: "Go", schema: schema) }
    let never = GenerationSchema(
      type: String.self,
      properties: [.init(name: "a", type: Int.self, guides: [.minimum(5), .maximum(4)])])
    try await expectUnsupported { try await tiny.respond(to: "Go", schema: never) }
    #expect(tiny.transcript.isEmpty)
  }

  private func expectUnsupported<T>(_ body: () async throws -> T) async throws {
    do {
      _ = try await body()
      Issue.record("it was not refused")
    } catch LanguageModelError.unsupportedGenerationGuide(let detail) {
      #expect(!detail.debugDescription.isEmpty)
    }
  }

  @Test("An answer that is cut is an error, and text that is cut says so")
  func cut() async throws {
    let model = try TinyLanguageModel.make()
    let session = LanguageModelSession(model: model)
    let few = GenerationOptions(maximumResponseTokens: 4)
    let error = await #expect(throws: ApusError.self) {
      try await session.respond(to: "Go", decoding: Flags.self, options: few)
    }
    #expect(error?.kind == .cutShort)
    #expect(session.transcript.isEmpty)
    #expect(try await session.respond(to: "Go", options: few).report?.finish == .length)
    let scripted = LanguageModelSession(model: ScriptedLanguageModel([.cut(#"{"a": tr"#)]))
    let other = await #expect(throws: ApusError.self) {
      try await scripted.respond(to: "Go", decoding: Flags.self)
    }
    #expect(other?.kind == .cutShort)
  }

  @Test("A scripted answer without the form that was asked for is an error")
  func scripted() async throws {
    let good = #"{"a":true,"b":false,"c":true}"#
    let model = ScriptedLanguageModel([.text(good), .text(#"{"a":true}"#)])
    let session = LanguageModelSession(model: model)
    #expect(try await session.respond(to: "Go", decoding: Flags.self).json == good)
    let error = await #expect(throws: ApusError.self) {
      try await session.respond(to: "Go", decoding: Flags.self)
    }
    #expect(error?.kind == .invalidAnswer)
  }
}

/// The environment of the tests.
enum ProcessEnvironment {
  /// A number that a campaign sets.
  static func integer(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
  }
}
