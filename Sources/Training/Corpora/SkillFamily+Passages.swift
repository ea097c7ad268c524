import ChatTemplates

extension SkillFamily {
  /// Who has what, who is where, and what a text says.
  static let passages = [
    SkillFamily(name: "who has", share: 5, make: owner),
    SkillFamily(name: "where is", share: 4, make: whereabouts),
    SkillFamily(name: "from a text", share: 3, make: retrieval),
  ]

  private static func owner(_ draw: inout Draw) -> Exercise {
    let people = draw.pick(3, of: Words.names)
    let objects = draw.pick(3, of: Words.objects)
    var sentences: [String] = []
    var (owners, deciding) = ([0, 1, 2], ["", "", ""])
    for (place, object) in objects.enumerated() {
      deciding[place] = "\(people[place]) has the \(object)."
      sentences.append(deciding[place])
    }
    for _ in 0...draw.below(3) {
      let object = draw.below(3)
      let new = (owners[object] + 1 + draw.below(2)) % 3
      deciding[object] = "\(people[owners[object]]) gives the \(objects[object]) to \(people[new])."
      sentences.append(deciding[object])
      owners[object] = new
    }
    let asked = draw.below(3)
    let name = people[owners[asked]]
    let question = draw.pick([
      "Who has the \(objects[asked])?", "Who has the \(objects[asked]) now?",
      "Where is the \(objects[asked])? Say who has it.",
    ])
    return Exercise(
      sentences.joined(separator: " ") + " " + question,
      answer: "\(name) has the \(objects[asked]).", key: "owner \(sentences) \(asked)"
    ).worked(deciding[asked].hasPrefix("\(name) has") ? "" : deciding[asked])
  }

  private static func whereabouts(_ draw: inout Draw) -> Exercise {
    let people = draw.pick(3, of: Words.names)
    var places = draw.pick(3, of: Words.places)
    var sentences = zip(people, places).map { "\($0) is in the \($1)." }
    var deciding = sentences
    for _ in 0..<draw.below(3) {
      let person = draw.below(3)
      let new = draw.pick(Words.places.filter { $0 != places[person] })
      places[person] = new
      deciding[person] = "\(people[person]) goes to the \(new)."
      sentences.append(deciding[person])
    }
    let asked = draw.below(3)
    let question = draw.pick(["Where is #?", "Where is # now?", "In which place is #?"])
      .replacing("#", with: people[asked])
    return Exercise(
      sentences.joined(separator: " ") + " " + question,
      answer: "\(people[asked]) is in the \(places[asked]).",
      key: "whereabouts \(sentences) \(asked)"
    ).worked(deciding[asked].contains(" goes ") ? deciding[asked] : "")
  }

  /// A word with its article.
  private static func article(_ word: String) -> String {
    "aeiou".contains(word.prefix(1)) ? "an \(word)" : "a \(word)"
  }

  private static func retrieval(_ draw: inout Draw) -> Exercise {
    let people = draw.pick(2, of: Words.names)
    let colours = draw.pick(2, of: Words.colours)
    let objects = draw.pick(2, of: Words.objects)
    let ages = [draw.number(5...90), draw.number(5...90)]
    let sentences = (0..<2).map {
      "\(people[$0]) is \(ages[$0]) years old and has \(article(colours[$0])) \(objects[$0])."
    }
    let text = sentences.joined(separator: " ")
    let asked = draw.below(2)
    let key = "text \(text) \(asked)"
    switch draw.below(3) {
    case 0:
      return Exercise(
        "\(text) How old is \(people[asked])?",
        answer: "\(people[asked]) is \(ages[asked]) years old.", key: key
      ).worked(sentences[asked])
    case 1:
      return Exercise(
        "\(text) What colour is \(people[asked])'s \(objects[asked])?",
        answer: "The \(objects[asked]) is \(colours[asked]).", key: key
      ).worked(sentences[asked])
    default:
      return Exercise(
        "\(text) Who has a \(objects[asked])?",
        answer: "\(people[asked]) has a \(objects[asked]).", key: key
      ).worked(sentences[asked])
    }
  }

  /// What was said before: by the user, or in the system's message.
  static let memory = [
    SkillFamily(name: "memory", share: 7) { draw in
      let (name, pet) = (draw.pick(Words.names), draw.pick(Words.pets))
      let (colour, number) = (draw.pick(Words.colours), draw.number(2...99))
      let facts = [
        ("My name is \(name).", "What is my name?", "Your name is \(name)."),
        (
          "I have \(article(colour)) \(pet).", "What pet do I have?",
          "You have \(article(colour)) \(pet)."
        ),
        ("My favourite colour is \(colour).", "Which colour do I like?", "You like \(colour)."),
        ("My number is \(number).", "What is my number?", "Your number is \(number)."),
      ]
      let chosen = draw.pick(2, of: facts)
      var exercise = Exercise(
        chosen[0].1, answer: chosen[0].2, key: "memory \(chosen[0].0) \(chosen[1].0)")
      if draw.chance(30) {
        exercise.messages.insert(
          ChatMessage(
            role: "system", content: "You know what the user told you. User: \(chosen[0].0)"),
          at: 0)
        exercise.key = "memory \(chosen[0].0)"
        return exercise
      }
      let said = draw.chance(50) ? [chosen[0], chosen[1]] : [chosen[1], chosen[0]]
      let before = said.flatMap { fact in
        [
          ChatMessage(role: "user", content: fact.0),
          ChatMessage(role: "assistant", content: "I will remember that."),
        ]
      }
      exercise.messages = before + exercise.messages
      return exercise
    }
  ]
}
