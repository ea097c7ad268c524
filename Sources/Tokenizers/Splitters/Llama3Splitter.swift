/// The pattern of Llama 3, digits by threes:
/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*`
/// `|\s*[\r\n]+|\s+(?!\S)|\s+`.
package struct Llama3Splitter: ScanningSplitter {
  package let names = [
    "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
    "jina-v5-nano",
  ]
  package let patterns = [LinewisePattern.pattern(number: #"\p{N}{1,3}"#)]
  package let beginsSequences = true
  package let takesWholeWords = true

  /// Creates the splitter.
  package init() {}

  package func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    LinewisePattern(digits: 3).endOfWord(from: start, in: text)
  }
}

/// The pattern of Llama 3 for vocabularies of other habits.
package struct ThreeDigitSplitter: ScanningSplitter {
  package let names: [String]
  package let takesWholeWords: Bool
  package let patterns = [
    #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*"#
      + #"|\s*[\r\n]|\s+(?!\S)|\s+"#
  ]
  package let aliases = [
    [
      #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"#
        + #"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"#
    ]
  ]

  /// The splitter for vocabularies whose words are all made by merges.
  package static let merging = ThreeDigitSplitter(
    names: ["dbrx", "smaug-bpe", "chatglm-bpe"], takesWholeWords: false)
  /// The splitter for vocabularies whose words may be pieces that no merge makes.
  package static let takingWords = ThreeDigitSplitter(
    names: ["glm4", "glm5"], takesWholeWords: true)

  package func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    LinewisePattern(digits: 3).endOfWord(from: start, in: text)
  }
}

/// The pattern of Qwen 2: that of Llama 3, but each digit is a word.
package struct Qwen2Splitter: ScanningSplitter {
  package let names = [
    "qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan", "megrez", "kormo", "solar-open", "grok-2",
    "f2llmv2", "bailingmoe", "bailingmoe2", "llada-moe",
  ]
  package let patterns = [LinewisePattern.pattern(number: #"\p{N}"#)]
  package let aliases = [
    [
      #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*"#
        + #"|\s*[\r\n]|\s+(?!\S)|\s+"#
    ]
  ]

  /// Creates the splitter.
  package init() {}

  package func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    LinewisePattern(digits: 1).endOfWord(from: start, in: text)
  }
}

/// The pattern of Qwen 3.5: that of Qwen 2, but combining marks count as letters.
package struct Qwen35Splitter: ScanningSplitter {
  package let names = ["qwen35"]
  package let patterns = [
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}"#
      + #"| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  ]

  /// Creates the splitter.
  package init() {}

  package func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    LinewisePattern(digits: 1, letters: [.letter, .mark]).endOfWord(from: start, in: text)
  }
}

/// What the patterns of Llama 3 and its successors share: line ends close a word, and only the
/// number of digits in a word and what counts as a letter differ.
package struct LinewisePattern {
  /// How many digits a word has at most.
  let digits: Int
  /// What words are made of.
  var letters = ScalarClass.letter

  /// The regular expression with this part for numbers.
  static func pattern(number: String) -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + number
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  /// Returns where the word that begins at `start` ends.
  func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    if let end = EnglishContraction.end(from: start, in: text, ignoringCase: true) { return end }
    let first = text.character(at: start)
    if first.isIn(letters) { return text.endOfRun(of: letters, from: first.next) }
    if first.isIn(.number) { return text.endOfRun(of: .number, from: start, limit: digits) }
    let second = first.next < text.end ? text.character(at: first.next) : nil
    if let second, second.isIn(letters), !text.isLineEnd(at: start) {
      return text.endOfRun(of: letters, from: first.next)
    }
    let wordsAndSpace = letters.union([.number, .whitespace])
    if !first.isIn(wordsAndSpace) { return endOfSymbols(from: start, in: text) }
    if let second, !second.isIn(wordsAndSpace), text.byte(at: start) == UInt8(ascii: " ") {
      return endOfSymbols(from: first.next, in: text)
    }
    return text.whitespace(from: start).endOfLines ?? text.endOfSpace(from: start)
  }

  private func endOfSymbols(from start: Int, in text: ClassifiedText) -> Int {
    var end = text.endOfRun(outside: letters.union([.number, .whitespace]), from: start)
    while text.isLineEnd(at: end) { end += 1 }
    return end
  }
}
