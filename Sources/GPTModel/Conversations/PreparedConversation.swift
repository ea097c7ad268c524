package import ChatTemplates
package import Tokenizers

/// A conversation as a model's template takes it.
///
/// Where marks of calls stand in the text of messages, they are names that nobody can guess while the
/// template lays the conversation out, and become the marks afterwards, which may be control tokens.
package struct PreparedConversation: Sendable {
  /// The messages.
  package internal(set) var messages: [ChatMessage] = []
  /// What the template is shown as tools.
  package internal(set) var tools: [JSONValue] = []
  private let name: String
  /// The control tokens that may be in marks, the longest first.
  private let marks: [String]

  /// Begins without messages.
  init(marks: Set<String>) {
    name = "\u{F8D2}" + String(UInt64.random(in: .min ... .max), radix: 36) + "."
    self.marks = marks.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
  }

  /// A text that the model has written, with its control tokens as names.
  func named(_ text: String) -> String {
    var text = text
    for (index, mark) in marks.enumerated() {
      text = text.replacing(mark, with: "\(name)\(index)\u{F8D2}")
    }
    return text
  }

  /// The prompt with the control tokens in place of their names.
  package func restored(_ prompt: [PromptSegment]) -> [PromptSegment] {
    guard !marks.isEmpty else { return prompt }
    return prompt.flatMap { segment -> [PromptSegment] in
      let parts = segment.text.split(separator: name, omittingEmptySubsequences: false)
      guard parts.count > 1 else { return [segment] }
      var pieces = [PromptSegment(String(parts[0]), from: segment.source)]
      for part in parts.dropFirst() {
        guard let end = part.firstIndex(of: "\u{F8D2}"), let index = Int(part[..<end]),
          marks.indices.contains(index)
        else { continue }
        pieces.append(PromptSegment(marks[index], from: .template))
        pieces.append(PromptSegment(String(part[part.index(after: end)...]), from: segment.source))
      }
      return pieces.filter { !$0.text.isEmpty }
    }
  }
}
