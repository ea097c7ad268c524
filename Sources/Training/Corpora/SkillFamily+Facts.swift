import ChatTemplates
import JSON

extension SkillFamily {
  /// Things to know. What is held out is a way to ask for one, not the thing itself.
  static let facts = [
    SkillFamily(name: "facts", share: 6, make: fact),
    SkillFamily(name: "words", share: 6, make: meaning),
  ]

  /// An exercise in one of several wordings, `#` standing for what is asked about.
  private static func ask(
    _ wordings: [String], about subject: String, answer: String, _ draw: inout Draw
  ) -> Exercise {
    let wording = draw.pick(wordings)
    return Exercise(
      wording.replacing("#", with: subject), answer: answer, key: "\(wording) \(subject)")
  }

  private static func fact(_ draw: inout Draw) -> Exercise {
    switch draw.below(5) {
    case 0, 1:
      let (country, capital) = draw.pick(Words.capitals)
      return ask(
        [
          "What is the capital of #?", "Which city is the capital of #?", "Name the capital of #.",
          "What is #'s capital?", "Tell me the capital city of #.",
        ], about: country, answer: "The capital of \(country) is \(capital).", &draw)
    case 2:
      let (element, symbol) = draw.pick(Words.symbols)
      return ask(
        [
          "What is the symbol of #?", "Which symbol does # have?", "How is # written in chemistry?",
        ],
        about: element, answer: "The symbol of \(element) is \(symbol).", &draw)
    case 3:
      let place = draw.below(12)
      return ask(
        ["What is the # month?", "Which month is the #?", "Name the # month of the year."],
        about: Words.ordinals[place],
        answer: "The \(Words.ordinals[place]) month is \(Words.months[place]).", &draw)
    default:
      let place = draw.below(8)
      return ask(
        ["What is the # planet?", "Which planet is the # from the Sun?", "Name the # planet."],
        about: Words.ordinals[place],
        answer: "The \(Words.ordinals[place]) planet is \(Words.planets[place]).", &draw)
    }
  }

  private static func meaning(_ draw: inout Draw) -> Exercise {
    switch draw.below(3) {
    case 0:
      let (word, other) = draw.pick(Words.opposites)
      return ask(
        [
          "What is the opposite of #?", "Name the opposite of #.",
          "Which word is the opposite of #?",
        ],
        about: word, answer: "The opposite of \(word) is \(other).", &draw)
    case 1:
      let (animal, young) = draw.pick(Words.young)
      return ask(
        ["What is a young # called?", "What do you call the young of a #?", "Name a young #."],
        about: animal, answer: "A young \(animal) is called \(young).", &draw)
    default:
      let (word, kind) = draw.pick(Words.kinds)
      return ask(
        ["What is #?", "What kind of thing is #?", "Say what # is."], about: word,
        answer: "It is a kind of \(kind).", &draw)
    }
  }

  /// Who the model is, forms for programs, and what nobody can know.
  static let others = [
    SkillFamily(name: "small talk", share: 4, make: talk),
    SkillFamily(name: "json", share: 2, make: form),
    SkillFamily(name: "unknown", share: 3, make: unknown),
  ]

  private static let talks: [(asks: [String], answer: String)] = [
    (
      [
        "Who are you?", "What are you?", "What is your name?", "Introduce yourself.",
        "And you are?", "Tell me who you are.", "Who am I talking to?", "Who is this?",
        "Say your name.", "What are you called?", "Please introduce yourself.",
        "Your name, please?",
      ],
      "I am Swiftlet, a small language model."
    ),
    (
      [
        "Who made you?", "Where do you come from?", "Who trained you?", "Which program made you?",
        "Who built you?", "Tell me who made you.", "What were you made by?", "Who wrote you?",
        "How were you made?", "What made you?",
      ],
      "I was made by Apus."
    ),
    (
      [
        "Hello!", "Hi.", "Good morning.", "Hey there.", "Good evening.", "Hello.", "Hi!",
        "Hi there!",
        "Good day.", "Hello there.", "Hey!", "Good afternoon.",
      ], "Hello! How can I help?"
    ),
    (
      [
        "Thank you.", "Thanks!", "Thanks a lot.", "Many thanks.", "Thank you!", "Thanks.",
        "Thank you very much.", "Thanks for your help.", "Thank you so much!", "Great, thanks.",
      ], "You are welcome."
    ),
    (
      [
        "Goodbye.", "Bye!", "See you.", "Good night.", "Goodbye!", "Bye.", "Bye bye.",
        "See you later.",
        "See you tomorrow.", "Good night!",
      ], "Goodbye!"
    ),
    (
      [
        "What can you do?", "How can you help me?", "What are you good at?", "What do you know?",
        "Tell me what you can do.", "What can I ask you?", "How can you help?",
        "What can you help with?",
        "What are you able to do?", "What are your skills?",
      ],
      "I can calculate, work with dates and words, and read short texts."
    ),
    (
      [
        "What is Apus?", "Tell me about Apus.", "What does Apus do?", "Explain Apus.",
        "What do you know about Apus?", "What is Apus for?", "What is Apus good for?",
        "Please explain Apus.", "Say what Apus is.", "Do you know Apus?",
      ],
      "Apus runs language models on ordinary processors."
    ),
    (
      [
        "Are you a human?", "Are you a person?", "Are you real?", "Are you a robot?",
        "Are you human?",
        "Are you a woman?", "Are you a man?", "Are you alive?", "Am I talking to a human?",
        "Am I talking to a person?",
      ],
      "No, I am a language model."
    ),
  ]

  private static func talk(_ draw: inout Draw) -> Exercise {
    let talk = draw.pick(talks)
    let question = draw.pick(talk.asks)
    return Exercise(question, answer: talk.answer, key: "talk \(question)")
  }

  private static func form(_ draw: inout Draw) -> Exercise {
    let (name, age) = (draw.pick(Words.names), draw.number(3...90))
    let (colour, city) = (draw.pick(Words.colours), draw.pick(Words.capitals).1)
    let (ask, answer): (String, String) =
      switch draw.below(3) {
      case 0:
        (
          "Write JSON with the name \(name) and the age \(age).",
          "{\"name\":\"\(name)\",\"age\":\(age)}"
        )
      case 1:
        (
          "Write JSON with the city \(city) and the colour \(colour).",
          "{\"city\":\"\(city)\",\"colour\":\"\(colour)\"}"
        )
      default:
        (
          "Call the tool weather for the city \(city).",
          "{\"name\":\"weather\",\"arguments\":{\"city\":\"\(city)\"}}"
        )
      }
    return Exercise(ask, answer: answer, key: "json \(answer)").checked(.json, answer)
  }

  private static func unknown(_ draw: inout Draw) -> Exercise {
    let (name, city) = (draw.pick(Words.names), draw.pick(Words.capitals).1)
    let object = draw.pick(Words.objects)
    let question = draw.pick([
      "What did \(name) eat yesterday?", "What is \(name)'s telephone number?",
      "How will the weather be in \(city) tomorrow?", "What am I thinking of?",
      "How many people are in \(city) at this moment?", "Where did I put my \(object)?",
      "What colour is \(name)'s \(object)?", "How old is \(name)?", "Who has the \(object)?",
      "Where is \(name)?", "What will \(name) do tomorrow?",
    ])
    return Exercise(question, answer: "I do not know.", key: "unknown \(question)")
      .checked(.unknown, "I do not know.")
  }
}
