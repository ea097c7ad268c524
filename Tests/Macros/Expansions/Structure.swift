import ApusKit

@Generable(description: "A judgement of a product")
public struct Review {
  @Guide(description: "One sentence", /[A-Z].*/) public var summary: String
  @Guide(.range(1...5)) var stars: Int
  @Guide(description: "A few words", .count(1...3), .element(.anyOf(["good", "bad"])))
  var tags: [String]
  var note: String?
  var replies: [Review] = []
  var `default`: Bool
  var isGood: Bool { stars > 3 }
  static let limit = 5
}
