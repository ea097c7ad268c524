import ChatTemplates
import JSON

/// A question whose answer can be checked.
package struct Question: Sendable, Hashable {
  /// What the model is given, and the kind of task.
  package var dialogue: Dialogue
  /// How answers are checked.
  package var check: AnswerCheck
  /// The right answer.
  package var answer: String

  /// Names all.
  package init(_ dialogue: Dialogue, check: AnswerCheck, answer: String) {
    self.dialogue = dialogue
    self.check = check
    self.answer = answer
  }

  /// Reads the questions of a file: `{"messages": […], "family": …, "check": …, "answer": …}` on each line.
  package static func read(_ bytes: [UInt8], file: String) throws(TrainingError) -> [Question] {
    var questions: [Question] = []
    try JSONLines.forEach(in: bytes, file: file) { object, place throws(TrainingError) in
      let name = try object.text("check", place)
      guard let check = AnswerCheck(rawValue: name) else {
        throw TrainingError(
          .data, field: place,
          "the check \(name.prefix(32).debugDescription) is not one of"
            + " \(AnswerCheck.allCases.map(\.rawValue))")
      }
      questions.append(
        Question(
          try Dialogue(object, place), check: check, answer: try object.text("answer", place)))
    }
    guard !questions.isEmpty else {
      throw TrainingError(.data, field: file, "there is no question")
    }
    return questions
  }

  /// The object of a line.
  package var line: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      dialogue.write(to: &json)
      json.member("check", check.rawValue)
      json.member("answer", answer)
    }
    return json.bytes
  }
}

/// How an answer is checked. The last sentence counts, so that what is worked out before it is free; what is
/// named there besides the right answer makes it wrong.
package enum AnswerCheck: String, Sendable, Hashable, CaseIterable {
  /// The last number is the right one.
  case number
  /// The last sentence is the right one, but for case and space around it.
  case sentence
  /// The whole answer is JSON that equals the right one.
  case json
  /// The answer says that it does not know.
  case unknown

  /// Whether an answer is right.
  package func accepts(_ answer: String, as right: String) -> Bool {
    switch self {
    case .number: Self.lastNumber(answer) == Self.lastNumber(right)
    case .sentence: Self.lastSentence(answer) == Self.lastSentence(right)
    case .json: Self.isSameJSON(answer, right)
    case .unknown: Self.saysUnknown(answer)
    }
  }

  /// The digits of the last number, a sign in front included; nil where there is none.
  private static func lastNumber(_ text: String) -> String? {
    let bytes = Array(text.utf8)
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    guard let last = bytes.lastIndex(where: isDigit) else { return nil }
    var first = last
    while first > 0, isDigit(bytes[first - 1]) { first -= 1 }
    if first > 0, bytes[first - 1] == UInt8(ascii: "-") { first -= 1 }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }

  private static func lastSentence(_ text: String) -> String {
    let text = text.lowercased().filter { !$0.isNewline }
    let sentences = text.split(separator: ".", omittingEmptySubsequences: true).map { sentence in
      sentence.split(separator: " ").joined(separator: " ")
    }
    return sentences.last { !$0.isEmpty } ?? ""
  }

  private static func isSameJSON(_ text: String, _ right: String) -> Bool {
    let limits = JSONLimits(depth: 8, values: 256)
    guard let value = try? JSONValue(parsing: Array(text.utf8), limits: limits),
      let wanted = try? JSONValue(parsing: Array(right.utf8), limits: limits)
    else { return false }
    return value == wanted
  }

  /// Whether nothing but an admission is there.
  private static func saysUnknown(_ text: String) -> Bool {
    let sentence = lastSentence(text)
    return sentence.contains("i do not know") || sentence.contains("i cannot know")
  }
}
