import Grammars
import Testing

/// Deltas joined as clients join them, with the rules of deltas checked.
struct JoinedAnswer: Equatable {
  struct Call: Equatable {
    var name: String
    var id: String?
    var arguments = ""
    var isComplete: Bool?
  }

  var reasoning = ""
  var content = ""
  var calls: [Call] = []

  /// Joins events; an event at a wrong place is a fault.
  mutating func join(_ events: [AnswerEvent]) {
    for event in events {
      switch event {
      case .reasoning(let text):
        #expect(!text.isEmpty && calls.isEmpty)
        reasoning += text
      case .content(let text):
        #expect(!text.isEmpty && calls.isEmpty)
        content += text
      case .callBegan(let index, let id, let name):
        #expect(index == calls.count && !name.isEmpty)
        #expect(calls.last.map { $0.isComplete != nil } ?? true)
        calls.append(Call(name: name, id: id))
      case .arguments(let index, let text):
        #expect(index == calls.count - 1 && !text.isEmpty && calls.last?.isComplete == nil)
        if index == calls.count - 1 { calls[index].arguments += text }
      case .callEnded(let index, let isComplete):
        #expect(index == calls.count - 1 && calls.last?.isComplete == nil)
        if index == calls.count - 1 { calls[index].isComplete = isComplete }
      }
    }
  }

  /// Whether nothing of another answer is taken back here.
  func extends(_ other: JoinedAnswer) -> Bool {
    guard reasoning.utf8.starts(with: other.reasoning.utf8),
      content.utf8.starts(with: other.content.utf8), calls.count >= other.calls.count
    else { return false }
    return zip(calls, other.calls).allSatisfy {
      $0.name == $1.name && $0.id == $1.id && $0.arguments.utf8.starts(with: $1.arguments.utf8)
    }
  }
}
