import ArgumentParser
import ChatTemplates
import GPTModel
import Platform
import TerminalChat

/// A conversation with a model.
struct ChatSession: Sendable {
  let engine: Engine
  let isInteractive: Bool
  /// What was said.
  var conversation: Conversation
  /// How answers are written.
  var sampling: SamplingOptions
  /// What answers took.
  var statistics = ChatStatistics()
  /// The terminal whose interrupt key stops an answer, where there is one.
  private var keys: TerminalKeys?
  /// How often the last message was answered anew.
  private var attempts = 0

  /// Begins a conversation.
  ///
  /// - Parameter isInteractive: Whether a person types, who may give commands.
  init(engine: Engine, system: String?, sampling: SamplingOptions, isInteractive: Bool) {
    self.engine = engine
    self.sampling = sampling
    self.isInteractive = isInteractive
    conversation = Conversation(system: system)
  }

  /// Answers what is said until nothing more is.
  mutating func run(_ source: ChatInputSource) async throws {
    var source = source
    keys = source.keys
    defer { source.keys?.giveBack() }
    if isInteractive {
      try say("\(engine.model.name), \(engine.contextLength) tokens of context; /help tells more")
    }
    while case .text(let text) = try source.next() {
      if try await !take(text) { return }
    }
  }

  /// Does what is said.
  ///
  /// - Returns: Whether the conversation goes on.
  private mutating func take(_ text: String) async throws -> Bool {
    // What another program sends is never a command.
    guard isInteractive else {
      try await ask(text)
      return true
    }
    do {
      switch try ChatInput(text) {
      case .message(let message): try await ask(message)
      case .command(.exit): return false
      case .command(let command): try await perform(command)
      }
    } catch let error as ChatCommandError {
      printError("apus: \(error)")
    }
    return true
  }

  /// Says something that is no answer.
  func say(_ text: String) throws(OutputFailure) {
    guard isInteractive, let screen = ChatInputSource.screen else {
      return printError("apus: \(text)")
    }
    let text = text.harmlessLines
    try screen.write((screen.showsStyles ? TextStyle.dim.applied(to: text) : text) + "\n")
  }
}

// MARK: - Answers

extension ChatSession {
  private mutating func ask(_ text: String) async throws {
    conversation.ask(text)
    attempts = 0
    if try await !answer() {
      // A template may want questions and answers in turns.
      conversation.takeQuestion()
    }
  }

  /// Has the last message answered anew; the answer that was there stays where no other comes.
  mutating func regenerate() async throws {
    let before = conversation.takeAnswer()
    guard before != nil || conversation.messages.last?.role == "user" else {
      return try say("There is nothing to answer yet.")
    }
    attempts += 1
    if try await !answer(), let before { conversation.answer(before) }
  }

  /// Answers the last message.
  ///
  /// - Returns: Whether there is an answer, be it a part of one.
  private mutating func answer() async throws -> Bool {
    do {
      return try await write(makeRoom())
    } catch let error as EngineError {
      printError("apus: \(error)")
    } catch let error as TemplateError {
      printError("apus: the chat template refuses the conversation: \(error)")
    }
    return false
  }

  private var room: ContextRoom {
    ContextRoom(context: engine.contextLength, answer: sampling.maxTokens)
  }

  /// Tokens of messages; as many as can be where the chat template gives up on so many.
  private func tokens(of messages: [ChatMessage]) throws(TemplateError) -> Int {
    do {
      return try ChatPrompt(for: messages, of: engine.model).tokens.count
    } catch {
      guard case .budget = error.kind else { throw error }
      return .max
    }
  }

  /// Has the model read no more than the context holds, and says so where it forgets something.
  ///
  /// - Returns: The prompt that remains.
  private mutating func makeRoom() throws -> ChatPrompt {
    var shorter = conversation
    let count = try shorter.makeRoom(room) { messages throws(TemplateError) in
      try tokens(of: messages)
    }
    let prompt = try ChatPrompt(for: shorter.read, of: engine.model)
    let (length, context) = (prompt.tokens.count, engine.contextLength)
    // For a message that never fits nothing needs to be forgotten.
    guard length < context else {
      throw EngineError.promptTooLong(tokens: length, context: context)
    }
    conversation = shorter
    guard count > 0 else { return prompt }
    try say(
      """
      The context of \(engine.contextLength) tokens is full: the model has forgotten the oldest \
      \(count) of the messages that it read
      """)
    return prompt
  }

  /// Writes the answer to a prompt, until it ends or a person stops it.
  private mutating func write(_ prompt: ChatPrompt) async throws -> Bool {
    let request = GenerationRequest(
      prompt: prompt.tokens, sampling: sampling.parameters(for: engine.model), stop: sampling.stop,
      choice: attempts)
    let run = AnswerRun(request, reader: prompt.reader)
    let task = Task { [engine] in try await run.run(on: engine) }
    let watch = keys.map { InterruptWatch(signals: $0.signals) { task.cancel() } }
    defer { watch?.end() }
    let answer = try await task.value
    if let summary = answer.summary {
      statistics.note(summary)
    } else {
      statistics.note(prompt: prompt.tokens.count, written: answer.tokens)
    }
    try tellEnd(of: answer)
    let isNothing = answer.summary == nil && answer.tokens == 0
    if !isNothing {
      conversation.answer(ChatMessage(answer: answer.text, thinking: answer.thinking))
    }
    return !isNothing
  }

  private func tellEnd(of answer: Answer) throws(OutputFailure) {
    guard isInteractive else { return }
    guard let summary = answer.summary else { return try say("Stopped.") }
    guard summary.reason == .length else { return }
    let tokens = summary.usage.completionTokens
    try say(
      tokens == sampling.maxTokens
        ? "The answer is cut at \(tokens) tokens, as max-tokens says."
        : "The answer is cut where the context of \(engine.contextLength) tokens ends.")
  }
}
