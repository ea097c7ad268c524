import ApusTesting
import Testing

/// A type that is described by hand, as the macro would.
struct Review: Generable, Equatable {
  var summary: String
  var stars: Int
  var tags: [String]
  var note: String?

  static var generationSchema: GenerationSchema {
    GenerationSchema(
      type: Review.self, description: "A judgement of a product",
      properties: [
        .init(
          name: "summary", description: "One sentence", type: String.self,
          guides: [.pattern(/[a-z ]{1,20}/)]),
        .init(name: "stars", type: Int.self, guides: [.range(1...5)]),
        .init(
          name: "tags", type: [String].self,
          guides: [.count(1...3), .element(.anyOf(["good", "bad"]))]),
        .init(name: "note", type: String?.self, guides: [GenerationGuide.constant("none")]),
      ])
  }

  init(_ content: GeneratedContent) throws {
    summary = try content.value(forProperty: "summary")
    stars = try content.value(forProperty: "stars")
    tags = try content.value(forProperty: "tags")
    note = try content.value(String?.self, forProperty: "note")
  }

  var generatedContent: GeneratedContent {
    GeneratedContent(properties: ["summary": summary, "stars": stars, "tags": tags, "note": note])
  }

  struct PartiallyGenerated: ConvertibleFromGeneratedContent {
    var summary: String?
    var stars: Int?
    var tags: [String]?

    init(_ content: GeneratedContent) throws {
      summary = try content.value(String?.self, forProperty: "summary")
      stars = try content.value(Int?.self, forProperty: "stars")
      tags = try content.value([String]?.self, forProperty: "tags")
    }
  }
}

/// A type that contains itself.
struct Node: Generable {
  var children: [Node]

  static var generationSchema: GenerationSchema {
    GenerationSchema(
      type: Node.self,
      properties: [.init(name: "children", type: [Node].self, guides: [.maximumCount(1)])])
  }

  init(_ content: GeneratedContent) throws { children = try content.value(forProperty: "children") }

  var generatedContent: GeneratedContent { GeneratedContent(properties: ["children": children]) }
}

@Suite("Generable types") struct GenerableTests {
  @Test("Values keep to their guides, and snapshots grow to them", arguments: 0..<4)
  func streams(seed: Int) async throws {
    let model = try TinyLanguageModel.make(seed: 7)
    let session = LanguageModelSession(model: model)
    let options = GenerationOptions(
      samplingMode: .random(top: 200, seed: UInt64(seed)), maximumResponseTokens: 1000)
    let stream = session.streamResponse(to: "Go", generating: Review.self, options: options)
    var last: LanguageModelSession.ResponseStream<Review>.Snapshot?
    for try await snapshot in stream {
      if let before = last?.content.summary {
        #expect(snapshot.content.summary?.hasPrefix(before) == true)
      }
      if let stars = snapshot.content.stars { #expect((1...5).contains(stars)) }
      last = snapshot
    }
    let raw = try #require(last?.rawContent)
    #expect(raw.isComplete)
    let review = try Review(raw)
    #expect(
      (1...3).contains(review.tags.count) && review.tags.allSatisfy(["good", "bad"].contains))
    #expect(review.note == nil || review.note == "none")
    #expect(review.summary.wholeMatch(of: /[a-z ]{1,20}/) != nil)
  }

  @Test("A type may contain itself")
  func recursive() async throws {
    let model = try TinyLanguageModel.make(seed: 7).with { $0.seed = 1 }
    let response = try await LanguageModelSession(model: model).respond(
      to: "Go", generating: Node.self, options: GenerationOptions(maximumResponseTokens: 2000))
    #expect(response.content.children.count <= 1)
  }

  @Test("Plain types are answers, too")
  func plain() async throws {
    let model = try TinyLanguageModel.make(seed: 7, ends: true)
    func answer<T: Generable>(_ type: T.Type) async throws -> T {
      try await LanguageModelSession(model: model.with { $0.seed = 3 }).respond(
        to: "Go", generating: type, options: GenerationOptions(maximumResponseTokens: 3000)
      ).content
    }
    _ = try await answer(Bool.self)
    _ = try await answer(Int.self)
    _ = try await answer(Double.self)
    _ = try await answer([Bool].self)
  }

  @Test("Schemas that are made while the program runs are kept to")
  func dynamic() async throws {
    let size = DynamicGenerationSchema(name: "Size", anyOf: ["small", "large"])
    let item = DynamicGenerationSchema(
      name: "Item",
      properties: [
        .init(name: "size", schema: DynamicGenerationSchema(referenceTo: "Size")),
        .init(
          name: "count", schema: DynamicGenerationSchema(type: Int.self, guides: [.range(0...9)]),
          isOptional: true),
      ])
    let order = DynamicGenerationSchema(
      name: "Order",
      properties: [
        .init(
          name: "items",
          schema: DynamicGenerationSchema(
            arrayOf: DynamicGenerationSchema(referenceTo: "Item"), minimumElements: 2,
            maximumElements: 2))
      ])
    let schema = try GenerationSchema(root: order, dependencies: [item, size])
    let model = try TinyLanguageModel.make(seed: 7).with { $0.seed = 1 }
    let answer = try await LanguageModelSession(model: model).respond(
      to: "Go", schema: schema, options: GenerationOptions(maximumResponseTokens: 2000))
    let items = try answer.content.value([GeneratedContent].self, forProperty: "items")
    #expect(items.count == 2)
    for item in items {
      #expect(["small", "large"].contains(try item.value(String.self, forProperty: "size")))
    }
    #expect(throws: GenerationSchema.SchemaError.self) {
      try GenerationSchema(root: order, dependencies: [size])
    }
    #expect(throws: GenerationSchema.SchemaError.self) {
      try GenerationSchema(root: order, dependencies: [item, item, size])
    }
  }

  @Test("Content is JSON, whole or in part")
  func content() throws {
    let whole = try GeneratedContent(json: #"{"b": [1, 2.5, null], "a": {"c": "x\u00e9"}}"#)
    #expect(whole.isComplete)
    #expect(whole.jsonString == #"{"b":[1,2.5,null],"a":{"c":"xé"}}"#)
    guard case .structure(let properties, let keys) = whole.kind else {
      Issue.record("no structure")
      return
    }
    #expect(keys == ["b", "a"])
    #expect(
      properties["b"]?.kind
        == .array(
          [1.0, 2.5].map { GeneratedContent(kind: .number($0)) } + [GeneratedContent(kind: .null)]))
    let part = try GeneratedContent(json: #"{"done":"yes","open":"so f"#)
    #expect(!part.isComplete)
    #expect(try part.value(String.self, forProperty: "open") == "so f")
    guard case .structure(let parts, _) = part.kind else {
      Issue.record("no structure")
      return
    }
    #expect(parts["done"]?.isComplete == true && parts["open"]?.isComplete == false)
    #expect(throws: (any Error).self) { try whole.value(Int.self, forProperty: "missing") }
    #expect(throws: (any Error).self) { try GeneratedContent(json: "{]") }
    #expect(throws: (any Error).self) { try GeneratedContent(json: #"{"a":1,}"#) }
  }

  @Test("Every beginning of a document is read as what is there of it")
  func beginnings() throws {
    let text =
      #"{"a":"t\"\u00e9\ud83d\ude00","n":-12.5e1,"l":[true,false,null,{"x":{}},[]],"e":""}"#
    let whole = try GeneratedContent(json: text)
    var strings = 0
    for end in text.indices {
      let part = try GeneratedContent(json: String(text[..<end]))
      #expect(!part.isComplete)
      if let number = try? part.value(Double.self, forProperty: "n") { #expect(number == -125) }
      if let string = try? part.value(String.self, forProperty: "a") {
        #expect("t\"é😀".hasPrefix(string))
        strings += 1
      }
    }
    #expect(strings > 20)
    #expect(whole.isComplete)
  }
}
