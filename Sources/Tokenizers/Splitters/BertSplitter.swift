/// The words of BERT: white space is left out, and each sign is a word.
struct BertSplitter: TextSplitter {
  let names: [String] = []

  func forEachWord(in bytes: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Void) {
    let text = ClassifiedText(bytes, end: range.upperBound)
    var start = range.lowerBound
    var position = start
    while position < text.end {
      let character = text.character(at: position)
      let isSpace = character.isIn(.whitespace)
      let isSign = character.isIn(.punctuation) || ScalarSet.asciiSigns.contains(character)
      if isSpace || isSign {
        if start < position { body(start..<position) }
        if isSign { body(position..<character.next) }
        start = character.next
      }
      position = character.next
    }
    if start < position { body(start..<position) }
  }
}
