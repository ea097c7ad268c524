import Foundation
import TestSupport
import Testing

@testable import GPTModel

@Suite("Constraints by grammars")
struct GrammarConstraintTests {
  private static let model = Result { try Models.tiny() }

  private func engine(
    running: Int = 16, rows: Int = 64, cacheKiB: Int? = nil, takesRuns: Bool = true
  ) throws -> Engine {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    (configuration.runningSequences, configuration.rowsPerStep) = (running, rows)
    configuration.cacheBytes = cacheKiB.map { $0 << 10 }
    configuration.takesRuns = takesRuns
    return try Engine(model: try Self.model.get(), configuration: configuration)
  }

  /// A schema whose texts are short.
  private static let schema = """
    {"type": "object", "required": ["mood", "scores"], "additionalProperties": false,
     "properties": {"mood": {"enum": ["glad", "sad", "gloomy"]},
      "scores": {"type": "array", "maxItems": 3, "items": {"type": "integer", "minimum": 0,
       "maximum": 99}}}}
    """

  private static func json(_ text: String) throws -> JSONValue {
    try JSONValue(parsing: Array(text.utf8))
  }

  /// A source of each kind, and a test of the whole answers.
  private static func sources() throws -> [(ConstraintSource, (String) -> Bool)] {
    let pattern = "[a-f]{3}-(?:[0-9]{2,4}|ä+x)"
    let expression = try Regex("[a-f]{3}-([0-9]{2,4}|ä+x)")
    func isMood(_ text: String) -> Bool {
      let value = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      guard let mood = value?["mood"] as? String, let scores = value?["scores"] as? [Int],
        value?.count == 2
      else { return false }
      return ["glad", "sad", "gloomy"].contains(mood) && scores.count <= 3
        && scores.allSatisfy { (0...99).contains($0) }
    }
    return [
      (.regex(pattern), { $0.wholeMatch(of: expression) != nil }),
      (.choice(["yes", "yes and no", "never"]), { ["yes", "yes and no", "never"].contains($0) }),
      (.jsonSchema(try json(schema)), isMood),
      (
        .gbnf("root ::= pair (\",\" pair)?\npair ::= [a-c] \"=\" [0-9]"),
        {
          $0.split(separator: ",", omittingEmptySubsequences: false).allSatisfy {
            $0.count == 3 && $0.dropFirst().first == "="
          }
        }
      ),
      (.lark("start: A \"-\" A\nA: /[xyz]{2}/"), { $0.count == 5 && $0.contains("-") }),
      (
        .structuralTag(
          try json(
            """
            {"type": "structural_tag", "format": {"type": "sequence", "elements": [
              {"type": "const_string", "value": "<a>"}, {"type": "regex", "pattern": "[0-9]{2}"}]}}
            """)), { $0.hasPrefix("<a>") && $0.count == 5 }
      ),
    ]
  }

  private func request(_ index: Int, _ constraint: Constraint) -> GenerationRequest {
    var generator = SeededGenerator(seed: UInt64(index))
    var request = GenerationRequest(
      prompt: (0..<(40 + index * 3)).map { _ in Token.random(in: 0..<320, using: &generator) })
    request.sampling.temperature = index.isMultiple(of: 5) ? 0 : 1
    request.sampling.seed = UInt64(index)
    if index % 3 == 1 { request.sampling.topP = 0.9 }
    request.stop.maximumTokens = 200
    request.alternatives = index.isMultiple(of: 2) ? 1 : nil
    request.constraint = constraint
    return request
  }

  @Test("Answers have the form, with the same bits alone, together and after a loss of pages")
  func forms() async throws {
    let model = try Self.model.get()
    var requests: [GenerationRequest] = []
    var checks: [(String) -> Bool] = []
    for (source, fits) in try Self.sources() {
      let constraint = try await model.constraint(source)
      for _ in 0..<4 {
        requests.append(request(requests.count, constraint))
        checks.append(fits)
      }
    }
    let alone = try await Answer.alone(requests, on: engine(running: 1, rows: 256))
    for (answer, fits) in zip(alone, checks) {
      #expect(answer.summary?.reason == .stop)
      #expect(fits(answer.text), "\(answer.text)")
    }
    #expect(try await Answer.together(requests, on: engine()) == alone)
    #expect(try await Answer.together(requests, on: engine(rows: 32, cacheKiB: 128)) == alone)
    // One token after the other, so that answers are there long enough to take each other's pages.
    let small = try engine(rows: 32, cacheKiB: 128, takesRuns: false)
    #expect(try await Answer.together(requests, on: small) == alone)
    await small.drain()
    #expect(small.status.preemptions > 0)
  }

  @Test("An answer that is continued goes on in its form with the bits of the whole one")
  func forks() async throws {
    let constraint = try await Self.model.get().constraint(.jsonSchema(try Self.json(Self.schema)))
    for index in 1..<4 {
      let request = request(index, constraint)
      let whole = try await Answer(try engine().generate(request))
      for position in 0..<min(12, whole.tokens.count) {
        let stream = try engine().generate(request)
        var iterator = stream.makeAsyncIterator()
        for _ in 0..<position { _ = try await iterator.next() }
        let same = try await Answer(try stream.fork(choice: 0))
        #expect(same.tokens == Array(whole.tokens.dropFirst(position)))
        var fresh = request
        fresh.prompt += whole.tokens.prefix(position)
        fresh.answered = position
        let again = try await Answer.alone([fresh], on: engine())[0]
        #expect(again.tokens == same.tokens)
      }
    }
  }

  @Test("What follows a text has the form together with it, or there is no such text")
  func continued() async throws {
    let constraint = try await Self.model.get().constraint(.regex("(?:abc|xyz){2}"))
    #expect(constraint.continuing("abd") == nil)
    #expect(constraint.continuing("abcabca") == nil)
    let expression = try Regex("(abc|xyz){2}")
    for (index, beginning) in ["", "a", "abcx", "abcxyz"].enumerated() {
      let rest = try #require(constraint.continuing(beginning))
      let answer = try await Answer(try engine().generate(request(index, rest)))
      #expect((beginning + answer.text).wholeMatch(of: expression) != nil)
      #expect(answer.summary?.reason == .stop)
    }
  }

  @Test("What must follow is written in the tokens of the whole text")
  func canonical() async throws {
    let model = try Self.model.get()
    let text = "the whole text that has to be written here, and nothing else"
    let constraint = try await model.constraint(.choice([text]))
    for index in 0..<4 {
      let answer = try await Answer(try engine().generate(request(index, constraint)))
      #expect(answer.text == text)
      #expect(answer.tokens == model.tokenizer.encode(text))
    }
  }

  @Test("An engine counts its masks, and the tokens that were no choice")
  func measures() async throws {
    let engine = try engine()
    let constraint = try await engine.model.constraint(.choice(["once upon a time"]))
    let answer = try await Answer(try engine.generate(request(1, constraint)))
    await engine.drain()
    let measures = engine.measures.constraints
    #expect(measures.forcedTokens == answer.tokens.count)
    // The first mask is worked out before the request is submitted.
    #expect(measures.maskTime.count == answer.tokens.count - 1)
    #expect(measures.misses > 0)
  }

  @Test("No bias, minimum of tokens or ignored end changes the form")
  func stubborn() async throws {
    let engine = try engine()
    let ends = engine.model.tokenizer.endsOfSequence
    let constraint = try await engine.model.constraint(.regex("ab?"))
    for index in 0..<6 {
      var request = request(index, constraint)
      request.stop.minimumTokens = 50
      request.stop.atEndOfSequence = index.isMultiple(of: 2)
      for token in ends { request.sampling.logitBias[token] = -100 }
      for token: Token in 0..<100 { request.sampling.logitBias[token] = 100 }
      let answer = try await Answer(try engine.generate(request))
      #expect(answer.text == "ab")
      #expect(answer.summary?.reason == .stop)
    }
  }

  @Test("A limit cuts an answer within its form")
  func length() async throws {
    let engine = try engine()
    let constraint = try await engine.model.constraint(.regex("(abc)*x{400}"))
    var request = request(1, constraint)
    request.stop.maximumTokens = 7
    let answer = try await Answer(try engine.generate(request))
    #expect(answer.summary?.reason == .length)
    #expect(answer.tokens.count == 7)
    let expression = try Regex("(abc)*(a|ab|x+)?")
    #expect(answer.text.wholeMatch(of: expression) != nil, "\(answer.text)")
  }
}
