/// Cuts text into the words that byte-pair encoding must not merge across.
///
/// Each vocabulary was trained with one pattern; a splitter is that pattern as a scanner that
/// reads every character a bounded number of times, whatever the text.
package protocol TextSplitter: Sendable {
  /// The names by which model files ask for this splitter.
  var names: [String] { get }

  /// The regular expressions, each cutting what the one before left, by which a `tokenizer.json`
  /// asks for this splitter, if one does.
  var patterns: [String] { get }

  /// Other regular expressions by which a `tokenizer.json` asks for this splitter.
  var aliases: [[String]] { get }

  /// Whether a prompt begins with the beginning of sequence where the file does not say.
  var beginsSequences: Bool { get }

  /// Whether a word that is itself a vocabulary entry is taken whole, without asking the merges.
  var takesWholeWords: Bool { get }

  /// Calls for each word of a range of well-formed UTF-8, in order.
  ///
  /// - Complexity: O(*n*)
  func forEachWord(in bytes: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Void)
}

/// A splitter that finds the end of each word from where the word begins.
package protocol ScanningSplitter: TextSplitter {
  /// Returns where the word that begins at `start` ends.
  ///
  /// - Parameter start: The position of a character before the end of the text.
  /// - Returns: A position after `start` and not after the end of the text.
  func endOfWord(from start: Int, in text: ClassifiedText) -> Int
}

extension ScanningSplitter {
  package func forEachWord(
    in bytes: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    let view = ClassifiedText(bytes, end: range.upperBound)
    var start = range.lowerBound
    while start < view.end {
      let end = endOfWord(from: start, in: view)
      body(start..<end)
      start = end
    }
  }
}

extension TextSplitter {
  package var patterns: [String] { [] }
  package var aliases: [[String]] { [] }
  package var beginsSequences: Bool { false }
  package var takesWholeWords: Bool { false }

  /// Returns the words of a text in order.
  package func words(of text: String) -> [String] {
    let bytes = Array(text.utf8)
    var words: [String] = []
    forEachWord(in: bytes, 0..<bytes.count) {
      words.append(String(decoding: bytes[$0], as: UTF8.self))
    }
    return words
  }
}

/// UTF-8 text up to an end, read character by character together with their classes.
package struct ClassifiedText {
  /// The well-formed UTF-8 of which this is a part.
  package let bytes: [UInt8]
  /// Where the part ends.
  package let end: Int
  private let classes = ScalarClasses.shared

  /// Creates the view of a text that ends at `end`, which must lie between characters.
  package init(_ bytes: [UInt8], end: Int) {
    self.bytes = bytes
    self.end = min(end, bytes.count)
  }

  /// A character as splitters see it.
  package struct Character {
    /// Its code.
    package let code: UInt32
    /// Its class.
    package let kind: ScalarClass
    /// Where the following character begins.
    package let next: Int

    /// Returns whether it is of one of the classes.
    package func isIn(_ classes: ScalarClass) -> Bool { !kind.isDisjoint(with: classes) }
  }

  /// Returns the character at a position before the end.
  @inline(__always)
  package func character(at position: Int) -> Character {
    let first = bytes[position]
    guard first < 0x80 else { return longCharacter(at: position) }
    return Character(code: UInt32(first), kind: classes[UInt32(first)], next: position + 1)
  }

  /// Returns a character of several bytes.
  private func longCharacter(at position: Int) -> Character {
    let next = min(position + UTF8.length(bytes[position]), end)
    let code = UTF8.code(bytes[position..<next])
    return Character(code: code, kind: classes[code], next: next)
  }

  /// Returns the byte at a position, or nil at the end.
  package func byte(at position: Int) -> UInt8? {
    position < end ? bytes[position] : nil
  }

  /// Returns where the characters of some classes that stand from `start` on end, at most `limit`
  /// many.
  package func endOfRun(of classes: ScalarClass, from start: Int, limit: Int = .max) -> Int {
    var position = start
    var count = 0
    while position < end, count < limit {
      let character = character(at: position)
      guard character.isIn(classes) else { break }
      position = character.next
      count += 1
    }
    return position
  }

  /// Returns where the characters of no such class that stand from `start` on end.
  package func endOfRun(outside classes: ScalarClass, from start: Int) -> Int {
    var position = start
    while position < end {
      let character = character(at: position)
      if character.isIn(classes) { break }
      position = character.next
    }
    return position
  }

  /// White space from some position on, up to the first other character or the end.
  package struct Whitespace {
    /// Where it ends.
    package let end: Int
    /// Where its last character begins.
    package let last: Int
    /// Where its last line feed or carriage return ends, if it has one.
    package let endOfLines: Int?
  }

  /// Returns the white space that begins at `start`.
  package func whitespace(from start: Int) -> Whitespace {
    var position = start
    var last = start
    var endOfLines: Int?
    while position < end {
      let character = character(at: position)
      guard character.isIn(.whitespace) else { break }
      last = position
      if isLineEnd(at: position) { endOfLines = character.next }
      position = character.next
    }
    return Whitespace(end: position, last: last, endOfLines: endOfLines)
  }

  /// Returns where `\s+(?!\S)|\s+` ends: the last of several spaces belongs to the word that
  /// follows.
  package func endOfSpace(from start: Int) -> Int {
    let space = whitespace(from: start)
    return space.end < end && space.last > start ? space.last : space.end
  }

  /// Returns whether a line feed or a carriage return stands at the position.
  package func isLineEnd(at position: Int) -> Bool {
    guard let byte = byte(at: position) else { return false }
    return byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }
}
