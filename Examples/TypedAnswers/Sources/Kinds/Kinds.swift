// What the macros make of types, shown with a model that says what it is told to.
import ApusTesting

// listing: recipe
@Generable(description: "A recipe")
struct Recipe {
  var id: GenerationID
  @Guide(description: "What it is called") var name: String
  var size: Size
  @Guide(description: "In their order", .count(1...4)) var steps: [Step]
  var note: String?
}

@Generable enum Size: String {
  case small = "for one"
  case large = "for many"
}

@Generable enum Step {
  case mix([String])
  case bake(minutes: Int)
  case rest
}
// end

@main struct Kinds {
  static func main() async throws {
    let json =
      #"{"name":"Rye bread","size":"for many","#
      + #""steps":[{"mix":{"_0":["rye","water"]}},{"bake":{"minutes":50}},{"rest":{}}]}"#
    let model = ScriptedLanguageModel { _ in .text(json) }
    try await stream(model)
    try await show(model)
    print(Recipe.generationSchema.debugDescription)
  }

  /// Follows a recipe while it is written.
  static func stream(_ model: ScriptedLanguageModel) async throws {
    // listing: snapshots
    let session = LanguageModelSession(model: model)
    var last: Recipe.PartiallyGenerated?
    for try await snapshot in session.streamResponse(to: "Bread", generating: Recipe.self) {
      if let last { precondition(last.id == snapshot.content.id, "another recipe") }
      last = snapshot.content
    }
    print(last?.name ?? "", last?.steps?.count ?? 0, last?.note ?? "no note")
    // end
  }

  /// Makes a recipe, and content of it again.
  static func show(_ model: ScriptedLanguageModel) async throws {
    let session = LanguageModelSession(model: model)
    let recipe = try await session.respond(to: "Bread", generating: Recipe.self).content
    for step in recipe.steps {
      switch step {
      case .mix(let what): print("mix", what.joined(separator: " and "))
      case .bake(let minutes): print("bake for", minutes, "minutes")
      case .rest: print("rest")
      }
    }
    let written = recipe.generatedContent
    let again = try Recipe(written)
    precondition(again.generatedContent == written, "another recipe")
    print(recipe.size, written.jsonString)
  }
}
