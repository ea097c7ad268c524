extension SkillFamily {
  /// Words as letters.
  static let letters = [SkillFamily(name: "letters", share: 8, make: letters)]

  private static func spelled(_ word: some Sequence<Character>) -> String {
    word.map(String.init).joined(separator: "-")
  }

  private static func letters(_ draw: inout Draw) -> Exercise {
    let word = draw.pick(Words.words)
    let spelling = spelled(word)
    switch draw.below(6) {
    case 0:
      return Exercise(
        draw.pick(["Spell the word \(word).", "How do you spell \(word)?"]),
        answer: "\(spelling).", key: "spell \(word)")
    case 1:
      return Exercise(
        draw.pick(["Spell \(word) backwards.", "Write the letters of \(word) in reverse."]),
        answer: "\(spelled(word.reversed())).", key: "reverse \(word)"
      ).worked("\(spelling).", isHard: true)
    case 2:
      let counted = word.enumerated().map { "\($0.element) \($0.offset + 1)" }
      return Exercise(
        draw.pick(["How many letters has \(word)?", "How long is the word \(word)?"]),
        answer: "\(word) has \(word.count) letters.", key: "length \(word)"
      ).worked("\(counted.joined(separator: ", ")).", isHard: true)
    case 3:
      return Exercise(
        "What is the first letter of \(word)?",
        answer: "It is \(word.first.map(String.init) ?? "").",
        key: "first \(word)"
      ).worked("\(spelling).")
    case 4:
      return Exercise(
        "What is the last letter of \(word)?", answer: "It is \(word.last.map(String.init) ?? "").",
        key: "last \(word)"
      ).worked("\(spelling).")
    default: return sorted(&draw)
    }
  }

  private static func sorted(_ draw: inout Draw) -> Exercise {
    let words = draw.pick(3, of: Words.words)
    let sorted = words.sorted()
    let firsts = words.map { "\($0.prefix(2))" }.joined(separator: ", ")
    return Exercise(
      "Put in alphabetical order: \(words.joined(separator: ", ")).",
      answer: "\(sorted.joined(separator: ", ")).", key: "sort \(sorted)"
    ).worked("\(firsts).")
  }
}
