/// A message while it is typed: what keys do to its text and to the place of the cursor.
///
/// ```swift
/// var editor = LineEditor()
/// _ = editor.take(.text("helo"))
/// _ = editor.take(.left)
/// _ = editor.take(.text("l"))
/// _ = editor.take(.enter)  // .submitted("hello")
/// ```
package struct LineEditor: Sendable {
  /// What follows from a key.
  package enum Outcome: Hashable, Sendable {
    /// The message goes on.
    case editing
    /// The message is complete; the editor is empty again.
    case submitted(String)
    /// The interrupt key: what was typed, which is gone from the editor.
    case interrupted(String)
    /// The end of input was typed where there is no text.
    case ended
    /// The screen is to be cleared.
    case clearsScreen
    /// The program is to be stopped until it is continued.
    case suspends
    /// There is nothing that the key could do.
    case refused
  }

  /// Bytes that a message may have.
  package static let byteLimit = 1 << 20

  /// The text in characters as a person sees them.
  package private(set) var characters: [Character] = []
  /// Where the cursor stands, in characters.
  package private(set) var cursor = 0
  /// What was said before.
  package var history: InputHistory
  /// What is looked for in the history; nil where nothing is.
  package internal(set) var search: HistorySearch?
  /// The entry of the history that is shown; nil for a text of its own.
  private var shownEntry: Int?
  /// The text that was typed before entries of the history were shown.
  private var draft = ""
  private var killed = ""

  /// Creates an empty editor.
  package init(history: InputHistory = InputHistory()) {
    self.history = history
  }

  /// The text.
  package var text: String { String(characters) }

  /// Does what a key says.
  package mutating func take(_ key: Key) -> Outcome {
    if search != nil, let outcome = takeInSearch(key) { return outcome }
    switch key {
    case .text(let text), .paste(let text): return insert(text)
    case .enter: return submit()
    case .newline: return insert("\n")
    case .yank: return insert(killed)
    case .interrupt: return .interrupted(takeAll())
    case .endOfInput: return characters.isEmpty ? .ended : take(.delete)
    case .clearScreen: return .clearsScreen
    case .suspend: return .suspends
    case .up, .down, .previousEntry, .nextEntry: return browse(key)
    case .search:
      search = HistorySearch(before: text)
      return .editing
    case .transpose: return transpose()
    case .cancel: return .refused
    case .left, .right, .wordLeft, .wordRight, .lineStart, .lineEnd:
      return move(to: target(of: key))
    default: return remove(to: target(of: key), keeps: key.keepsText)
    }
  }

  /// Ends a search with what it has found.
  package mutating func endSearch() { search = nil }

  /// Replaces the text, with the cursor at its end.
  mutating func show(_ text: String) {
    characters = Array(text)
    cursor = characters.count
  }

  /// Ends the message.
  private mutating func submit() -> Outcome {
    if characters.last == "\\" {
      // The line goes on; so does the message.
      characters[characters.count - 1] = "\n"
      cursor = characters.count
      return .editing
    }
    return .submitted(takeAll())
  }

  private mutating func takeAll() -> String {
    defer {
      show("")
      (shownEntry, draft, search) = (nil, "", nil)
    }
    return text
  }
}

// MARK: - Changes

extension LineEditor {
  private mutating func insert(_ text: String) -> Outcome {
    let before = String(characters[..<cursor])
    let after = String(characters[cursor...])
    guard !text.isEmpty, before.utf8.count + after.utf8.count + text.utf8.count <= Self.byteLimit
    else { return .refused }
    set(before: before + text, after: after)
    return .editing
  }

  /// Sets the text, with the cursor after the character in which the first part ends: characters of
  /// both parts may have become one.
  private mutating func set(before: String, after: String) {
    characters = Array(before + after)
    var (bytes, index) = (0, 0)
    while index < characters.count, bytes < before.utf8.count {
      bytes += characters[index].utf8.count
      index += 1
    }
    cursor = index
  }

  private mutating func remove(to target: Int, keeps: Bool) -> Outcome {
    let range = min(cursor, target)..<max(cursor, target)
    guard !range.isEmpty else { return .refused }
    if keeps { killed = String(characters[range]) }
    set(
      before: String(characters[..<range.lowerBound]),
      after: String(characters[range.upperBound...]))
    return .editing
  }

  private mutating func transpose() -> Outcome {
    let place = min(cursor, characters.count - 1)
    guard place >= 1 else { return .refused }
    let swapped = [characters[place], characters[place - 1]]
    set(
      before: String(characters[..<(place - 1)] + swapped),
      after: String(characters[(place + 1)...]))
    return .editing
  }
}

// MARK: - Places

extension LineEditor {
  private mutating func move(to target: Int) -> Outcome {
    // At an end of a line the keys for it do nothing, which is no fault.
    guard target != cursor else { return .editing }
    cursor = target
    return .editing
  }

  /// Where a key moves the cursor, or takes text away up to.
  private func target(of key: Key) -> Int {
    switch key {
    case .left, .backspace: max(0, cursor - 1)
    case .right, .delete: min(characters.count, cursor + 1)
    case .lineStart, .killToStart: lineStart
    case .lineEnd: lineEnd
    // At the end of a line, the line break.
    case .killToEnd: lineEnd > cursor ? lineEnd : min(characters.count, cursor + 1)
    case .wordLeft: back(over: \.isOfWord)
    case .killWord: back { !$0.isWhitespace }
    case .wordRight, .killNextWord: ahead(over: \.isOfWord)
    default: cursor
    }
  }

  private var lineStart: Int { (characters[..<cursor].lastIndex(of: "\n") ?? -1) + 1 }

  private var lineEnd: Int { characters[cursor...].firstIndex(of: "\n") ?? characters.count }

  private func back(over isPart: (Character) -> Bool) -> Int {
    var place = cursor
    while place > 0, !isPart(characters[place - 1]) { place -= 1 }
    while place > 0, isPart(characters[place - 1]) { place -= 1 }
    return place
  }

  private func ahead(over isPart: (Character) -> Bool) -> Int {
    var place = cursor
    while place < characters.count, !isPart(characters[place]) { place += 1 }
    while place < characters.count, isPart(characters[place]) { place += 1 }
    return place
  }
}

// MARK: - What was said before

extension LineEditor {
  /// Moves between the lines of the message, and beyond its first and last through the history.
  private mutating func browse(_ key: Key) -> Outcome {
    let column = cursor - lineStart
    switch key {
    case .up where lineStart > 0:
      let end = lineStart - 1
      let start = (characters[..<end].lastIndex(of: "\n") ?? -1) + 1
      cursor = min(start + column, end)
      return .editing
    case .down where lineEnd < characters.count:
      let start = lineEnd + 1
      let end = characters[start...].firstIndex(of: "\n") ?? characters.count
      cursor = min(start + column, end)
      return .editing
    case .up, .previousEntry: return showEntry((shownEntry ?? history.entries.count) - 1)
    default: return showEntry((shownEntry ?? history.entries.count) + 1)
    }
  }

  private mutating func showEntry(_ index: Int) -> Outcome {
    guard index >= 0, index <= history.entries.count,
      index < history.entries.count || shownEntry != nil
    else { return .refused }
    if shownEntry == nil { draft = text }
    let isDraft = index == history.entries.count
    shownEntry = isDraft ? nil : index
    show(isDraft ? draft : history.entries[index])
    return .editing
  }
}

extension Key {
  /// Whether what the key takes away can be put back.
  fileprivate var keepsText: Bool {
    switch self {
    case .killToStart, .killToEnd, .killWord, .killNextWord: true
    default: false
    }
  }
}

extension Character {
  /// Whether moves by words pass over it.
  fileprivate var isOfWord: Bool { isLetter || isNumber || self == "_" }
}
