import ApusKit

@Generable struct Guides {
  @Guide(.range(1...5)) var text: String
  @Guide(.anyOf(["a"])) var number: Int
  @Guide(.pattern(/a/)) var list: [String]
  @Guide(.count(1...3)) var word: String
  @Guide(.maximum(5)) var flag: Bool
  @Guide(.range(5...1)) var reversed: Int
  @Guide(.anyOf([])) var none: String
  @Guide(.count(-1)) var negative: [Int]
}

struct Plain {
  @Guide(description: "Read by nobody") var text: String
}

@Generable struct Computed {
  @Guide(description: "Not stored") var double: Int { 2 }
  @Guide(description: "Of all") static var shared: String { "" }
}
