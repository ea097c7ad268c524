import ChatTemplates

/// A task that was made up, with what works it out and how an answer is checked.
struct Exercise: Hashable {
  /// What is asked, the messages before it included.
  var messages: [ChatMessage]
  /// The steps that lead to the answer; empty where there are none.
  var working = ""
  /// The answer's last sentence, or all of it.
  var answer: String
  /// How answers are checked.
  var check = AnswerCheck.sentence
  /// What the check compares with.
  var right: String
  /// The content in one form, whatever the wording and the order: what is held out is held out by it.
  var key: String
  /// Whether the answer cannot be had without working it out.
  var isHard = false

  /// An exercise of one question.
  init(_ question: String, answer: String, key: String) {
    messages = [ChatMessage(role: "user", content: question)]
    self.answer = answer
    right = answer
    self.key = key
  }

  /// The same with steps that lead to the answer.
  func worked(_ steps: String, isHard: Bool = false) -> Exercise {
    var exercise = self
    exercise.working = steps
    exercise.isHard = isHard
    return exercise
  }

  /// The same, checked in another way.
  func checked(_ check: AnswerCheck, _ right: String) -> Exercise {
    var exercise = self
    exercise.check = check
    exercise.right = right
    return exercise
  }

  /// The whole answer.
  var fullAnswer: String { working.isEmpty ? answer : "\(working) \(answer)" }
}

/// A kind of exercise.
struct SkillFamily: Sendable {
  /// The name.
  let name: String
  /// The part in the mixture, of 100.
  let share: Double
  /// Makes up an exercise.
  let make: @Sendable (inout Draw) -> Exercise

  /// All kinds.
  static let all: [SkillFamily] =
    arithmetic + wordProblems + calendar + passages + letters + memory + facts + others
}
