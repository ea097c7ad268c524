import ApusKit

@Generable(description: "How somebody feels") enum Mood {
  case pleased, angry
  case `default`
}

@Generable enum Size: String {
  case small = "S"
  case large
}

@Generable indirect enum Step {
  case walk(meters: Int)
  case say(String, loud: Bool?)
  case both([Step])
  case rest
}
