import ChatTemplates
package import Grammars
import Tokenizers

/// How a model writes answers and wants conversations, as its chat template and vocabulary tell.
package struct AnswerStyle: Sendable, Hashable {
  /// How it writes thinking and calls.
  package var format = CallFormat.hermes
  /// What the format was told by.
  package var finding = CallFormat.Finding.none
  /// The texts of the vocabulary's control tokens that are in the format's marks.
  package var controlTokens: Set<String> = []
  /// Whether the template takes arguments of calls as a text only.
  var takesArgumentsAsText = false
  /// Whether the template shows two calls of one message.
  var takesTwoCalls = true
  /// Whether the template shows results of tools.
  var takesResults = true
  /// Whether the template shows a system message.
  var takesSystem = true
  /// Whether the template takes only ids of nine letters and digits.
  var takesShortIDsOnly = false

  /// The name of the form in which the model writes calls.
  package var formatName: String { format.name }

  /// Whether the template shows tools; others are described in a message.
  package var showsTools: Bool { finding != .none }

  /// Whether the model may think before it answers.
  package var thinks: Bool { format.thinking != nil }

  /// A style without calls and thinking.
  package init() { format.thinking = nil }

  /// Finds out how a model writes.
  ///
  /// - Parameters:
  ///   - template: The chat template of conversations with tools; nil where there is none.
  ///   - source: The text of that template, where marks of thinking are looked for.
  init(template: ChatTemplate?, source: String, tokenizer: Tokenizer) {
    self.init()
    guard let template else { return }
    let probe = TemplateProbe(template)
    let names = tokenizer.controlTokenNames
    let marks = ([source] + names.sorted()).joined(separator: "\n")
    let found = CallFormat.find(rendering: probe.render, source: marks)
    (format, finding) = (found.format, found.by)
    format.thinking = Self.thinking(of: found.format, in: source, names)
    controlTokens = names.filter { name in format.marks.contains { $0.contains(name) } }
    takesSystem = probe.showsSystem
    guard finding != .none else { return }
    takesArgumentsAsText = !probe.shows(.calls(asText: false)) && probe.shows(.calls(asText: true))
    takesShortIDsOnly = !probe.shows(.longID) && probe.shows(.calls(asText: takesArgumentsAsText))
    takesTwoCalls = probe.shows(.twoCalls(asText: takesArgumentsAsText))
    takesResults = probe.shows(.result(asText: takesArgumentsAsText))
  }

  /// The marks around thinking: those of the format or of others, where the template has them.
  private static func thinking(
    of format: CallFormat, in source: String, _ controlTokens: Set<String>
  ) -> CallFormat.Thinking? {
    if format.layout == .channels { return format.thinking }
    let candidates = ([format] + CallFormat.families).compactMap(\.thinking)
    // The text that closes it stands in templates that drop earlier thinking, too.
    let known = candidates.first { source.contains($0.closeMark) }
    return known ?? candidates.first { controlTokens.contains($0.closeMark) }
  }
}

extension CallFormat.Thinking {
  /// What closes thinking, without white space around it.
  var closeMark: String { close.trimmedMark }
  /// What opens thinking, without white space around it.
  var openMark: String { open.trimmedMark }
}

extension AnswerStyle {
  /// Whether the model's answer to a prompt begins within its thinking, or may open it.
  ///
  /// It is read off the prompt as it is, whatever the template was asked for.
  package func thinking(after prompt: [PromptSegment]) -> AnswerForm.Thinking {
    guard let marks = format.thinking else { return .absent }
    if format.layout == .channels { return .possible }
    let tail = prompt.suffix(8).map(\.text).joined().trimmedMark
    if !marks.openMark.isEmpty, tail.hasSuffix(marks.openMark) { return .open }
    return tail.hasSuffix(marks.closeMark) || marks.openMark.isEmpty ? .absent : .possible
  }
}

extension Tokenizer {
  /// The texts of all control tokens.
  fileprivate var controlTokenNames: Set<String> {
    var names: Set<String> = []
    for token in 0..<count {
      let token = Token(truncatingIfNeeded: token)
      if kind(of: token) == .control, let text = specialText(of: token) { names.insert(text) }
    }
    return names
  }
}
