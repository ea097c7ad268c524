/// The control tokens by which a model is asked for the text between two others.
///
/// Models that write code are trained on documents cut into three parts, of which the middle one comes last
/// (Bavarian et al. 2022, "Efficient Training of Language Models to Fill in the Middle").
package struct FillInMarks: Sendable, Hashable {
  /// The mark in front of the text before the gap.
  private let before: String
  /// The mark in front of the text behind the gap.
  private let behind: String
  /// The mark in front of the text that fills the gap; empty where the text before it comes last.
  private let middle: String
  /// Whether the text behind the gap comes first.
  private let beginsBehind: Bool
  /// The mark in front of a file of several; nil where the vocabulary has none.
  private let fileMark: String?
  /// The tokens that end a filled gap besides the end of sequence.
  package let ends: [Token]

  /// Names marks, whose meanings are those of the members.
  package init(
    before: String, behind: String, middle: String, beginsBehind: Bool = false, ends: [Token] = []
  ) {
    (self.before, self.behind, self.middle) = (before, behind, middle)
    (self.beginsBehind, self.ends, fileMark) = (beginsBehind, ends, nil)
  }

  /// Finds the marks of a vocabulary, those that its files name or known ones; nil where it has none.
  package init?(_ tokenizer: Tokenizer) {
    func token(_ name: String) -> Token? {
      let tokens = tokenizer.encode([PromptSegment(name, from: .template)], addsBeginning: false)
      guard tokens.count == 1, let token = tokens.first,
        tokenizer.specialText(of: token) == name || tokenizer.kind(of: token) == .userDefined
      else { return nil }
      return token
    }
    /// The text of a token that is found by it as a whole.
    func text(_ number: Token) -> String? {
      let text =
        tokenizer.specialText(of: number)
        ?? String(decoding: tokenizer.bytes(of: number), as: UTF8.self)
      return token(text) == number ? text : nil
    }
    let stated: Marks? = tokenizer.gap.flatMap { gap in
      guard let before = text(gap.before), let behind = text(gap.behind),
        let middle = text(gap.middle)
      else { return nil }
      return (before, behind, middle, false)
    }
    let found = Self.known.first { marks in
      [marks.before, marks.behind, marks.middle].allSatisfy { $0.isEmpty || token($0) != nil }
    }
    guard let marks = stated ?? found else { return nil }
    (before, behind, middle, beginsBehind) = marks
    let named = Self.endings.compactMap(token)
    ends = named + (tokenizer.gap?.ends ?? []).filter { !named.contains($0) }
    fileMark = Self.fileMarks.first { token($0) != nil }
  }

  /// The prompt whose continuation fills the gap between two texts.
  ///
  /// - Parameter source: Who wrote the texts.
  package func prompt(
    before text: String, behind rest: String, from source: PromptSegment.Source
  ) -> [PromptSegment] {
    let first = [PromptSegment(before, from: .template), PromptSegment(text, from: source)]
    let last = [PromptSegment(behind, from: .template), PromptSegment(rest, from: source)]
    let end = middle.isEmpty ? [] : [PromptSegment(middle, from: .template)]
    return (beginsBehind ? last + first : first + last) + end
  }

  /// Another file, to stand in front of the prompt.
  package func file(named name: String, text: String) -> [PromptSegment] {
    let mark = fileMark.map { [PromptSegment($0, from: .template)] } ?? []
    return mark + [PromptSegment("\(name)\n\(text)\n", from: .content)]
  }

  private typealias Marks = (before: String, behind: String, middle: String, beginsBehind: Bool)

  /// The marks that published vocabularies have.
  private static let known: [Marks] = [
    ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", false),
    ("<fim_prefix>", "<fim_suffix>", "<fim_middle>", false),
    ("<fim-prefix>", "<fim-suffix>", "<fim-middle>", false),
    ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", false),
    ("<|fim_begin|>", "<|fim_hole|>", "<|fim_end|>", false),
    ("<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>", false),
    ("▁<PRE>", "▁<SUF>", "▁<MID>", false), ("<PRE>", "<SUF>", "<MID>", false),
    ("<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>", true),
    ("[PREFIX]", "[SUFFIX]", "", true),
  ]

  private static let fileMarks = ["<|file_sep|>", "<|file_separator|>", "<file_sep>"]

  /// Marks that begin another document, or say that the gap is filled.
  private static let endings = [
    "<|fim_pad|>", "<|file_sep|>", "<|file_separator|>", "<|repo_name|>", "<|endoftext|>",
    "<fim_pad>", "<file_sep>", "<filename>", "<reponame>", "<repo_name>", "<fim-pad>", "▁<EOT>",
    "<EOT>",
  ]
}
