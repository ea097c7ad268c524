/// The pattern of Qwen 2: that of Llama 3, but each digit is a word.
package struct Qwen2Splitter: TextSplitter {
  package let names = ["qwen2"]

  /// Creates the splitter.
  package init() {}

  package func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    LinewisePattern.endOfWord(from: start, in: text, digits: 1)
  }
}
