import ChatTemplates
import Foundation
import GPTModel
import TerminalChat

extension ChatSession {
  /// Does what a command says.
  mutating func perform(_ command: ChatCommand) async throws {
    do {
      switch command {
      case .help: try say(Self.help)
      case .clear:
        conversation.clear()
        try say("A new conversation.")
      case .system(let text): try setSystem(text)
      case .save(let path): try save(to: Self.expanded(path))
      case .load(let path): try load(from: Self.expanded(path))
      case .regenerate: try await regenerate()
      case .settings: try say(settings)
      case .set(let name, let value):
        try sampling.set(name, to: value)
        try say(settings)
      case .stats:
        let (messages, forgotten) = (conversation.messages.count, conversation.forgotten)
        try say(
          statistics.lines(context: engine.contextLength, conversation: (messages, forgotten))
            .joined(separator: "\n"))
      case .exit: break
      }
    } catch let error as FileFailure {
      printError("apus: \(error)")
    } catch let error as SettingFailure {
      printError("apus: \(error)")
    }
  }

  private mutating func setSystem(_ text: String?) throws {
    if let text { conversation.system = text == "-" ? nil : text }
    try say(conversation.system.map { "The model is told: \($0)" } ?? "The model is told nothing.")
  }

  private func save(to path: String) throws {
    let messages = conversation.whole
    try BoundedFile.write(ConversationDocument(messages: messages).bytes, to: path)
    try say("\(messages.count) messages are in \(path).")
  }

  private mutating func load(from path: String) throws {
    let bytes = try BoundedFile.read(path, limit: ConversationDocument.byteLimit)
    do {
      conversation = Conversation(messages: try ConversationDocument(parsing: bytes).messages)
    } catch {
      throw FileFailure(path: path, reason: error.description)
    }
    try say("\(conversation.whole.count) messages are read from \(path).")
    guard let last = conversation.messages.last else { return }
    try say("The last one, of \(last.role): \(last.content)")
  }

  /// A path with the home folder for `~`.
  private static func expanded(_ path: String) -> String {
    let home = ProcessInfo.processInfo.environment["HOME"] ?? ""
    return path.hasPrefix("~/") && !home.isEmpty ? home + path.dropFirst(1) : path
  }

  private var settings: String {
    let list = sampling.listing(for: engine.model)
    return Self.columns(list.map { ($0.name, $0.value) })
  }

  private static var help: String {
    let commands = ChatCommand.list.map { (left: "\($0.name) \($0.arguments)", right: $0.purpose) }
    let keys = [
      ("\\ Enter", "goes on in a new line, as Ctrl-J and Alt-Enter do"),
      ("Ctrl-C", "stops an answer; what was said stays"),
      ("Ctrl-R", "searches what was typed before"),
      ("//TEXT", "is a message that begins with a slash"),
    ]
    return columns(commands + keys)
  }

  private static func columns(_ rows: [(left: String, right: String)]) -> String {
    let width = rows.map(\.left.count).max() ?? 0
    return rows.map { row in
      row.left + String(repeating: " ", count: width - row.left.count + 2) + row.right
    }
    .joined(separator: "\n")
  }
}
