import ApusKit

@Generable class Shared {}

@Generable enum Empty {}

@Generable struct Open {
  var scores: [String: Int]
  var pair: (Int, Int)
  var action: () -> Void
  var anything: any Sendable
}

@Generable enum Carrying {
  case scores([String: Int])
}

@Generable(representNilExplicitlyInGeneratedContent: 1 < 2) struct Unknown {
  var name: String
}

@Generable struct Conditional {
  #if DEBUG
    var name: String
  #endif
}
