// The listings of the pages of ApusKit, as the build compiles them.
import ApusTesting

// listing: decodable
struct ProductReview: Decodable, Guided {
  var summary: String
  var stars: Int
  var tags: [String]?
  static let guides: [String: FieldGuide] = [
    "summary": "One sentence", "stars": .range(1...5, "How good it is"), "tags": .count(1...3),
  ]
}

func review(_ text: String, _ session: LanguageModelSession) async throws -> ProductReview {
  let answer = try await session.respond(to: text, decoding: ProductReview.self)
  print(answer.value.stars, answer.json)
  return answer.value
}
// end

// listing: choice
enum Feeling: String, CaseIterable { case glad, sad }

func feeling(of text: String, _ session: LanguageModelSession) async throws -> Feeling {
  let choice = try await session.choose(Feeling.self, for: "Is this glad or sad? \(text)")
  print(choice.value, choice.probabilities)
  return choice.value
}
// end

// listing: tool
struct Place: Decodable { var city: String }

func advice(_ question: String, _ model: some LanguageModel) async throws -> String {
  let weather = try ToolFunction("weather", "Tells the weather of a city") { (place: Place) in
    "It rains in \(place.city)."
  }
  let session = LanguageModelSession(model: model, tools: [weather])
  return try await session.respond(to: question).content
}
// end

// listing: chat
/// Talks with whoever writes lines, until there are no more.
func chat(with model: some LanguageModel) async throws {
  let session = LanguageModelSession(model: model, instructions: "You are brief.")
  while let line = readLine() {
    for try await piece in session.streamResponse(to: line).deltas {
      print(piece, terminator: "")
    }
    print()
  }
}
// end

// listing: busy
/// Answers many questions over one model, each in a session of its own.
func answers(to questions: [String], _ model: ApusLanguageModel) async throws -> [String] {
  try await withThrowingTaskGroup(of: (Int, String).self) { group in
    var answers = questions
    for (index, question) in questions.enumerated() {
      group.addTask {
        let session = LanguageModelSession(model: model)
        return (index, try await session.respond(to: question).content)
      }
    }
    for try await (index, answer) in group { answers[index] = answer }
    return answers
  }
}
// end

// listing: limits
/// A model that refuses when it is full, and requests that wait two seconds at most.
func impatient(_ path: String) async throws -> ApusLanguageModel {
  var configuration = ApusLanguageModel.Configuration()
  configuration.waitingRequests = 64
  configuration.whenFull = .refuse
  let model = try await ApusLanguageModel.load(path, configuration: configuration)
  return model.with { $0.longestWait = .seconds(2) }
}
// end

// listing: scripted
/// The advice of a model that calls the tool, and then says what it was told.
func scriptedAdvice() async throws -> String {
  let model = ScriptedLanguageModel([
    .call("weather", json: #"{"city":"Bern"}"#), .text("Take an umbrella."),
  ])
  return try await advice("Do I need an umbrella in Bern?", model)
}
// end
