// Typed answers as Apple's framework has them: the same source compiles with `import FoundationModels` on a Mac, but
// for the line that loads a model. Needs the trait Macros.
// Expected: for each of 20 seeds a Review whose stars are in 1...5, whose mood is one of three and whose tags are 1 to 3;
// never an error, never a value outside of its guide; snapshots grow, and the last one is complete.
import ApusKit

@Generable enum Mood { case pleased, angry, mixed }

@Generable(description: "A judgement of a product")
struct Review {
  @Guide(description: "One sentence") var summary: String
  @Guide(description: "How good it is", .range(1...5)) var stars: Int
  var mood: Mood
  @Guide(.count(1...3)) var tags: [String]
}

@main struct TypedAnswers {
  static func main() async throws {
    let model = try await ApusLanguageModel.load("Weights/SmolLM2-135M-Instruct.Q4_1.gguf")
    for seed in 0..<20 {
      let session = LanguageModelSession(model: model, instructions: "You judge reviews.")
      let options = GenerationOptions(
        samplingMode: .random(top: 40, seed: UInt64(seed)), maximumResponseTokens: 200)
      var (partial, raw): (Review.PartiallyGenerated?, GeneratedContent?)
      for try await snapshot in session.streamResponse(
        to: "It broke after two days, but they replaced it at once.", generating: Review.self,
        options: options)
      {
        (partial, raw) = (snapshot.content, snapshot.rawContent)
      }
      precondition(raw!.isComplete && partial?.summary != nil)
      let review = try Review(raw!)
      precondition((1...5).contains(review.stars) && (1...3).contains(review.tags.count))
      print(review.stars, review.mood, review.summary)
    }
    await model.shutDown()
  }
}
