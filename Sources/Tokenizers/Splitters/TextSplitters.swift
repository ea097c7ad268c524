/// The splitters that there are.
package enum TextSplitters {
  /// Every splitter; a new one is a line here, and a file unless it is made of known cuts.
  package static let all: [any TextSplitter] =
    [
      GPT2Splitter(),
      SmolLMSplitter(),
      Llama3Splitter(),
      ThreeDigitSplitter.merging,
      ThreeDigitSplitter.takingWords,
      Qwen2Splitter(),
      Qwen35Splitter(),
      GPT4oSplitter(),
      TekkenSplitter(),
      DeepSeekV3Splitter(),
    ] + CutSplitters.all

  /// Returns the splitter that a model file names, or nil.
  package static func named(_ name: String) -> (any TextSplitter)? {
    all.first { $0.names.contains(name) }
  }

  /// Returns the splitter that does what some regular expressions in turn would do, or nil.
  package static func matching(_ patterns: [String]) -> (any TextSplitter)? {
    let patterns = patterns.map(spelled)
    for splitter in all where !splitter.patterns.isEmpty {
      if splitter.patterns == patterns || splitter.aliases.contains(patterns) { return splitter }
    }
    return nil
  }

  /// Returns the cut that does what a regular expression would do, or nil.
  static func cut(_ pattern: String) -> (any TextCut)? {
    let pattern = spelled(pattern)
    for cut in TextCuts.all where cut.patterns.contains(pattern) { return cut }
    guard let splitter = matching([pattern]) else { return nil }
    if let cuts = splitter as? CutSplitter { return cuts.steps.first?.cut }
    return SplitterCut(splitter)
  }

  /// Returns a regular expression with line ends written as escapes.
  private static func spelled(_ pattern: String) -> String {
    var spelled = String.UnicodeScalarView()
    for scalar in pattern.unicodeScalars {
      switch scalar {
      case "\r": spelled += #"\r"#.unicodeScalars
      case "\n": spelled += #"\n"#.unicodeScalars
      default: spelled.append(scalar)
      }
    }
    return String(spelled)
  }
}
