/// Short stories of people, places, wants and causes, so that names and things are told apart by what was said.
enum Stories {
  private static let wants = [
    "wants", "looks for", "has lost", "is glad about", "thinks of", "asks for", "dreams of",
  ]
  private static let reasons = [
    "because it is old", "because it is a present", "because the day is long",
    "because nobody else has one", "because it shines", "because it was made by hand",
  ]
  private static let endings = [
    "Now both are happy.", "In the evening they go home.", "That was a good day.",
    "They laugh and eat bread.", "Then it begins to rain.", "They will come again tomorrow.",
  ]

  /// A story.
  static func make(_ draw: inout Draw) -> String {
    let people = draw.pick(2, of: Words.names)
    let places = draw.pick(2, of: Words.places)
    let (object, colour) = (draw.pick(Words.objects), draw.pick(Words.colours))
    var sentences = [
      "\(people[0]) is in the \(places[0]).",
      "\(people[0]) \(draw.pick(wants)) the \(colour) \(object) \(draw.pick(reasons)).",
    ]
    if draw.chance(60) { sentences.append("\(people[1]) comes from the \(places[1]).") }
    if draw.chance(50) {
      sentences.append("\"Do you have the \(object), \(people[1])?\" asks \(people[0]).")
      sentences.append("\"Yes, the \(object) is in the \(places[1]),\" says \(people[1]).")
      sentences.append("So \(people[0]) and \(people[1]) go to the \(places[1]).")
      sentences.append("There is the \(colour) \(object).")
    } else {
      sentences.append("\(people[1]) gives the \(object) to \(people[0]).")
      sentences.append("Now \(people[0]) has the \(colour) \(object).")
    }
    sentences.append(draw.pick(endings))
    return sentences.joined(separator: " ")
  }
}
