import ChatTemplates
import JSON
import Testing

@testable import Training

/// What is made up for a small assistant.
@Suite("Corpora that are made up")
struct CorpusTests {
  private static func make(seed: UInt64 = 1) throws -> CorpusGenerator.Made {
    var sizes = CorpusGenerator.Sizes()
    (sizes.texts, sizes.dialogues, sizes.pairs) = (300, 1500, 200)
    (sizes.rehearsals, sizes.questions) = (200, 6)
    return try CorpusGenerator(seed: seed, sizes: sizes).make()
  }

  @Test("are a function of their seed")
  func deterministic() throws {
    let (one, same, other) = (try Self.make(), try Self.make(), try Self.make(seed: 2))
    #expect(one.dialogues == same.dialogues && one.texts == same.texts && one.pairs == same.pairs)
    #expect(one.questions == same.questions && one.rehearsals == same.rehearsals)
    #expect(one.dialogues != other.dialogues)
  }

  @Test("hold contents out of all that is learned, and ask for these")
  func heldOut() throws {
    let made = try Self.make()
    #expect(made.keys.count > 1000)
    #expect(!made.keys.contains(where: HeldOut.contains))
    let asked = Set(made.questions.map { $0.dialogue.messages.map(\.content) })
    for dialogue in made.dialogues {
      #expect(!asked.contains(dialogue.messages.dropLast().map(\.content)))
    }
    let families = Set(made.questions.map(\.dialogue.family))
    #expect(families == Set(SkillFamily.all.map(\.name)))
  }

  @Test("have answers that their own checks accept, and others that these refuse")
  func checks() throws {
    for (place, family) in SkillFamily.all.enumerated() {
      for number in 0..<200 {
        var draw = Draw(seed: 7, number: place * 1000 + number)
        let exercise = family.make(&draw)
        let answer = exercise.fullAnswer
        #expect(exercise.check.accepts(answer, as: exercise.right), "\(answer)")
        #expect(!exercise.check.accepts("", as: exercise.right))
        #expect(!exercise.key.isEmpty && !exercise.messages.isEmpty)
      }
    }
    for pair in try Self.make().pairs { #expect(pair.chosen != pair.rejected) }
  }

  @Test("pay nothing for cheats", arguments: SkillFamily.all.indices)
  func cheats(family: Int) {
    var paid = 0
    for number in 0..<200 {
      var draw = Draw(seed: 8, number: number)
      let exercise = SkillFamily.all[family].make(&draw)
      let question = exercise.messages.last?.content ?? ""
      let repeated = question + " " + question
      let several = "\(exercise.answer) Or 17. Or not."
      let digits = "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"
      for cheat in [question, repeated, several, digits, "yes.", "{}", "It is."]
      where exercise.check.accepts(cheat, as: exercise.right) {
        paid += 1
      }
    }
    // A question may happen to end with the number that is its answer.
    #expect(paid < 28, "\(SkillFamily.all[family].name): \(paid) of 1400")
  }

  @Test("work sums out digit by digit")
  func working() {
    #expect(Working.sum(478, 356) == "8+6=14, 7+5+1=13, 4+3+1=8.")
    #expect(Working.sum(5, 95) == "5+5=10, 0+9+1=10.")
    #expect(Working.difference(503, 278) == "13-8=5, 10-7-1=2, 5-2-1=2.")
    #expect(Working.product(47, digit: 6) == "7*6=42, 4*6+4=28.")
    #expect(Working.quotient(85, digit: 6) == "8/6=1 r 2, 25/6=4 r 1.")
    for a in stride(from: 0, to: 1000, by: 37) {
      for b in stride(from: 1, to: 1000, by: 41) where a >= b {
        let digits = Working.difference(a, b).split(separator: "=").dropFirst().map {
          $0.prefix { $0.isNumber }
        }
        #expect(Int(digits.reversed().joined()) == a - b)
      }
    }
  }

  @Test("are read again as they were written")
  func lines() throws {
    let made = try Self.make()
    let lines = made.questions.map(\.line).joined(separator: [UInt8(ascii: "\n")])
    #expect(try Question.read(Array(lines), file: "questions") == made.questions)
    let pairs = made.pairs.map(\.line).joined(separator: [UInt8(ascii: "\n")])
    #expect(try PreferencePair.read(Array(pairs), file: "pairs") == made.pairs)
  }

  @Test(
    "of others are refused with the line that is at fault",
    arguments: [
      "", "\n\n", "{", "[]", "7", "{}", "{\"messages\":[]}", "{\"messages\":7}",
      "{\"messages\":[7]}", "{\"messages\":[{}]}", "{\"messages\":[{\"role\":\"user\"}]}",
      "{\"messages\":[{\"role\":7,\"content\":\"a\"}]}",
      "{\"messages\":[{\"role\":\"root\",\"content\":\"a\"}]}",
      "{\"messages\":[{\"role\":\"user\",\"content\":null}]}",
      "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"messages\":[]}",
      "\u{FEFF}{}", "{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}",
    ])
  func hostile(text: String) {
    let bytes = Array(text.utf8)
    #expect(throws: TrainingError.self) { try Dialogue.read(bytes, file: "corpus") }
    #expect(throws: TrainingError.self) { try Question.read(bytes, file: "corpus") }
    #expect(throws: TrainingError.self) { try PreferencePair.read(bytes, file: "corpus") }
  }

  @Test("of questions and pairs have all their members")
  func members() {
    let start = "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]"
    for rest in [
      "}", ",\"check\":\"number\"}", ",\"check\":7,\"answer\":\"a\"}",
      ",\"check\":\"guess\",\"answer\":\"a\"}", ",\"check\":\"json\",\"answer\":7}",
      ",\"chosen\":\"a\"}", ",\"chosen\":\"a\",\"rejected\":\"a\"}",
      ",\"chosen\":1,\"rejected\":2}",
    ] {
      let bytes = Array((start + rest).utf8)
      let error = #expect(throws: TrainingError.self) { try Question.read(bytes, file: "f") }
      #expect(error?.field == "f, line 1")
      #expect(throws: TrainingError.self) { try PreferencePair.read(bytes, file: "f") }
    }
  }
}
