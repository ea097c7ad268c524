/// Takes all text as one word.
package struct WholeTextSplitter: ScanningSplitter {
  package let names: [String] = []

  /// Creates the splitter.
  package init() {}

  package func endOfWord(from start: Int, in text: ClassifiedText) -> Int { text.end }
}

/// Cuts text before spaces.
package struct SpaceSplitter: ScanningSplitter {
  package let names: [String] = []
  /// Whether several spaces stand together before a word; otherwise each begins a word.
  package let joinsSpaces: Bool

  /// Creates the splitter.
  package init(joinsSpaces: Bool) {
    self.joinsSpaces = joinsSpaces
  }

  package func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    let space = UInt8(ascii: " ")
    var position = start
    if joinsSpaces {
      while text.byte(at: position) == space { position += 1 }
    } else {
      position += 1
    }
    while let byte = text.byte(at: position), byte != space { position += 1 }
    return position
  }
}
