import ApusKit

// Types of answers, with what must hold of their values besides being values.

/// A type of answers whose values can be checked.
protocol CheckedAnswer: Decodable, Sendable {
  /// Whether the value keeps to its guides.
  var isSound: Bool { get }
}

extension CheckedAnswer {
  var isSound: Bool { true }
}

enum Colour: String, CaseIterable, Codable, Sendable {
  case red, green
  case blue = "light blue"
}

struct Numbers: CheckedAnswer {
  var byte: UInt8
  var small: Int8
  var whole: Int
  var wide: UInt64
}

struct Stars: CheckedAnswer, Guided {
  var stars: Int
  static let guides: [String: FieldGuide] = ["stars": .range(1...5, "How good")]
  var isSound: Bool { (1...5).contains(stars) }
}

struct Flags: CheckedAnswer { var a, b, c: Bool }

struct Paint: CheckedAnswer { var colour: Colour }

struct Palette: CheckedAnswer, Guided {
  var colours: [Colour]
  static let guides: [String: FieldGuide] = ["colours": .count(2...3)]
  var isSound: Bool { (2...3).contains(colours.count) }
}

struct Perhaps: CheckedAnswer {
  var flag: Bool?
  var colour: Colour?
  var last: Bool
}

struct Code: CheckedAnswer, Guided {
  var code: String
  static let guides: [String: FieldGuide] = ["code": .pattern("[A-Z]{2}-[0-9]{3}")]
  var isSound: Bool { code.wholeMatch(of: /[A-Z]{2}-[0-9]{3}/) != nil }
}

struct Mood: CheckedAnswer, Guided {
  var mood: String
  static let guides: [String: FieldGuide] = ["mood": .anyOf(["glad", "so so", "\"sad\""])]
  var isSound: Bool { ["glad", "so so", "\"sad\""].contains(mood) }
}

struct Nested: CheckedAnswer {
  struct Inner: Decodable, Sendable { var flag: Bool }
  var one: Inner
  var two: Inner?
}

struct Tree: CheckedAnswer, Guided {
  var leaf: Bool
  var branches: [Tree]
  static let guides: [String: FieldGuide] = ["branches": .count(0...1)]
  var isSound: Bool { branches.count <= 1 && branches.allSatisfy(\.isSound) }
}

struct Renamed: CheckedAnswer {
  enum CodingKeys: String, CodingKey {
    case first = "the \"first\""
    case second = "zweites Feld"
  }
  var first: Bool
  var second: Colour
}

struct Scores: CheckedAnswer, Guided {
  var scores: [Int]
  static let guides: [String: FieldGuide] = ["scores": .count(3...3, "Three marks")]
  var isSound: Bool { scores.count == 3 }
}

struct Marks: CheckedAnswer, Guided {
  var marks: [Int]
  static let guides: [String: FieldGuide] = ["marks": .each(.range(-3 ... -1))]
  var isSound: Bool { marks.allSatisfy { (-3 ... -1).contains($0) } }
}

struct Measure: CheckedAnswer, Guided {
  var length: Double
  static let guides: [String: FieldGuide] = ["length": .range(0.5...2.5)]
  var isSound: Bool { (0.5...2.5).contains(length) }
}

struct Real: CheckedAnswer { var number: Double, single: Float }

struct Grid: CheckedAnswer, Guided {
  var rows: [[Bool]]
  static let guides: [String: FieldGuide] = ["rows": .count(1...2)]
  var isSound: Bool { (1...2).contains(rows.count) }
}

struct Wrapped: CheckedAnswer {
  struct Name: Decodable, Sendable {
    var flag: Bool
    init(from decoder: any Decoder) throws {
      flag = try decoder.singleValueContainer().decode(Bool.self)
    }
  }
  var name: Name
  var others: [Name?]
}

struct Mutual: CheckedAnswer, Guided {
  struct Other: Decodable, Sendable, Guided {
    var back: [Mutual]
    static let guides: [String: FieldGuide] = ["back": .count(0...1)]
  }
  var other: Other
  static let guides: [String: FieldGuide] = ["other": "Goes back"]
}

struct Single: CheckedAnswer, Guided {
  var word: String
  static let guides: [String: FieldGuide] = ["word": .pattern("[a-z]{1,8}")]
  var isSound: Bool { word.utf8.allSatisfy { (97...122).contains($0) } && !word.isEmpty }
}

struct Empty: CheckedAnswer {
  var nothing: [Bool]
  var none: Bool?
}

/// All of them.
let checkedAnswers: [any CheckedAnswer.Type] = [
  Numbers.self, Stars.self, Flags.self, Paint.self, Palette.self, Perhaps.self, Code.self,
  Mood.self, Nested.self, Tree.self, Renamed.self, Scores.self, Marks.self, Measure.self,
  Real.self, Grid.self, Wrapped.self, Mutual.self, Single.self, Empty.self,
]
