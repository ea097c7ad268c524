package import ChatTemplates

/// What was said, and how much of it the model still reads.
package struct Conversation: Sendable, Hashable {
  /// What the model is told before all else; nil for nothing.
  package var system: String?
  /// The messages after it, oldest first.
  package private(set) var messages: [ChatMessage] = []
  /// The first message that the model still reads.
  private var firstRead = 0

  /// Begins a conversation.
  package init(system: String? = nil) {
    self.system = system
  }

  /// Takes a conversation up that was had before.
  ///
  /// - Parameter messages: All messages; one of the system that stands first is what the model is told.
  package init(messages: [ChatMessage]) {
    let isTold = messages.first?.role == "system"
    system = isTold ? messages.first?.content : nil
    self.messages = Array(messages.dropFirst(isTold ? 1 : 0))
  }

  /// All messages, what the model is told among them.
  package var whole: [ChatMessage] { told + messages }

  /// The messages that the model reads.
  package var read: [ChatMessage] { read(from: firstRead) }

  /// Messages that the model does not read any more.
  package var forgotten: Int { firstRead }

  /// Adds what a person says.
  package mutating func ask(_ text: String) {
    messages.append(ChatMessage(role: "user", content: text))
  }

  /// Adds what the model answers.
  package mutating func answer(_ message: ChatMessage) {
    messages.append(message)
  }

  /// Takes the last answer away, so that what it answers is last.
  ///
  /// - Returns: The answer; nil where the last message is none.
  package mutating func takeAnswer() -> ChatMessage? {
    messages.last?.role == "assistant" ? messages.popLast() : nil
  }

  /// Takes the last question away.
  package mutating func takeQuestion() {
    if messages.last?.role == "user" { messages.removeLast() }
    firstRead = min(firstRead, messages.count)
  }

  /// Forgets everything but what the model is told.
  package mutating func clear() {
    (messages, firstRead) = ([], 0)
  }

  private var told: [ChatMessage] {
    system.map { [ChatMessage(role: "system", content: $0)] } ?? []
  }

  private func read(from start: Int) -> [ChatMessage] { told + messages[start...] }
}

// MARK: - Room

extension Conversation {
  /// Has the model read no more than the context holds: whole turns go, the oldest first. What the model
  /// is told and the last turn stay, however long.
  ///
  /// - Parameters:
  ///   - room: How many tokens the messages may have.
  ///   - tokens: Counts the tokens of messages as the model reads them.
  /// - Returns: How many messages were forgotten.
  package mutating func makeRoom<Failure: Error>(
    _ room: ContextRoom, counting tokens: ([ChatMessage]) throws(Failure) -> Int
  ) throws(Failure) -> Int {
    guard try tokens(read) > room.most else { return 0 }
    // A turn begins where a person says something.
    let starts = messages.indices.filter { $0 > firstRead && messages[$0].role == "user" }
    guard var best = starts.last else { return 0 }
    var (low, high) = (0, starts.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if try tokens(read(from: starts[middle])) <= room.wanted {
        high = middle
      } else {
        low = middle + 1
      }
    }
    best = starts[low]
    defer { firstRead = best }
    return best - firstRead
  }
}

/// How many tokens of a context the messages may take.
package struct ContextRoom: Hashable, Sendable {
  /// Tokens with which there is still room for an answer.
  package let most: Int
  /// Tokens that stay where some have to go; less, so that not every turn has to make room anew.
  package let wanted: Int

  /// Divides a context.
  ///
  /// - Parameters:
  ///   - context: Positions of the context.
  ///   - answer: Tokens that an answer may have; nil for any.
  package init(context: Int, answer: Int?) {
    let share = max(1, context / 8)
    most = context - max(1, min(answer ?? share, share))
    wanted = min(most, context - context / 4)
  }
}
