/// What a person tells the program, not the model.
package enum ChatCommand: Hashable, Sendable {
  case help, clear, regenerate, stats, exit
  /// Shows what the model is told, or tells it something else; `-` tells it nothing.
  case system(String?)
  case save(String)
  case load(String)
  /// Shows the settings, or gives one a value.
  case set(name: String, value: String?)
  case settings
}

/// Why what looks like a command is none.
package enum ChatCommandError: Error, Hashable, Sendable {
  /// There is no command of this name.
  case unknown(String)
  /// A command lacks what must follow it, shown as it is used.
  case incomplete(usage: String)
}

extension ChatCommandError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknown(let name):
      "there is no /\(name); there are "
        + ChatCommand.list.map(\.name).joined(separator: ", ")
    case .incomplete(let usage): "it is used so: \(usage)"
    }
  }
}

/// What a person typed: a message, or a command.
package enum ChatInput: Hashable, Sendable {
  case message(String)
  case command(ChatCommand)

  /// Reads what was typed. A command is a slash and letters, alone or before a space; a second slash in
  /// front makes a message of it.
  package init(_ text: String) throws(ChatCommandError) {
    guard text.hasPrefix("/") else {
      self = .message(text)
      return
    }
    if text.hasPrefix("//") {
      self = .message(String(text.dropFirst()))
      return
    }
    let words = text.dropFirst().split(maxSplits: 1, omittingEmptySubsequences: false) {
      $0.isWhitespace
    }
    let name = String(words.first ?? "")
    guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0 == "?") }) else {
      self = .message(text)
      return
    }
    let rest = words.dropFirst().first.map { String($0.trimmed) } ?? ""
    self = .command(try ChatCommand(name: name, rest: rest))
  }
}

extension ChatCommand {
  /// A command as help lists it.
  package struct Listing: Sendable {
    /// The command with its slash.
    package let name: String
    /// What follows it.
    package let arguments: String
    /// What it does.
    package let purpose: String
  }

  /// The commands in the order of help.
  package static let list = [
    Listing(name: "/help", arguments: "", purpose: "shows this"),
    Listing(name: "/clear", arguments: "", purpose: "begins a new conversation"),
    Listing(
      name: "/system", arguments: "[TEXT]",
      purpose: "shows or sets what the model is told; - for nothing"),
    Listing(name: "/save", arguments: "FILE", purpose: "writes the conversation to a file"),
    Listing(name: "/load", arguments: "FILE", purpose: "goes on with a conversation of a file"),
    Listing(name: "/regenerate", arguments: "", purpose: "has the last message answered anew"),
    Listing(
      name: "/set", arguments: "[NAME [VALUE]]",
      purpose: "shows or changes a setting; without a value, the usual one"),
    Listing(name: "/stats", arguments: "", purpose: "shows tokens, times and the context"),
    Listing(name: "/exit", arguments: "", purpose: "leaves, as Ctrl-D does"),
  ]

  fileprivate init(name: String, rest: String) throws(ChatCommandError) {
    switch name {
    case "help", "?": self = .help
    case "clear": self = .clear
    case "system": self = .system(rest.isEmpty ? nil : rest)
    case "save": self = .save(try Self.argument(rest, of: "/save"))
    case "load": self = .load(try Self.argument(rest, of: "/load"))
    case "regenerate": self = .regenerate
    case "set": self = Self.setting(rest)
    case "stats": self = .stats
    case "exit", "quit": self = .exit
    default: throw .unknown(name)
    }
  }

  private static func argument(
    _ rest: String, of name: String
  ) throws(ChatCommandError) -> String {
    if !rest.isEmpty { return rest }
    let listing = list.first { $0.name == name }
    throw .incomplete(usage: "\(name) \(listing?.arguments ?? "")")
  }

  private static func setting(_ rest: String) -> ChatCommand {
    let words = rest.split(maxSplits: 1) { $0.isWhitespace || $0 == "=" }
    guard let name = words.first else { return .settings }
    return .set(name: String(name), value: words.dropFirst().first.map { String($0.trimmed) })
  }
}

extension Substring {
  /// The text without white space at its ends.
  var trimmed: Substring {
    let start = firstIndex { !$0.isWhitespace } ?? endIndex
    let end = lastIndex { !$0.isWhitespace }.map(index(after:)) ?? endIndex
    return start < end ? self[start..<end] : ""
  }
}
