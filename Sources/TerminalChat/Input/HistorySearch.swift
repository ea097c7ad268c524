/// A search backwards through what was said before.
package struct HistorySearch: Sendable {
  /// What is looked for.
  package internal(set) var wanted = ""
  /// The entry that has it; nil where none was found yet.
  var entry: Int?
  /// Whether no entry has it.
  package internal(set) var hasFailed = false
  /// The text before the search.
  let before: String

  /// Begins a search with the text that comes back when it is left.
  init(before: String) {
    self.before = before
  }
}

extension LineEditor {
  /// Does what a key says while something is looked for; nil where the key ends the search and means
  /// what it always does.
  mutating func takeInSearch(_ key: Key) -> Outcome? {
    switch key {
    case .text(let text):
      search?.wanted += text
      return find(from: search?.entry ?? history.entries.count - 1)
    case .backspace:
      guard search?.wanted.popLast() != nil else { return .refused }
      return find(from: history.entries.count - 1)
    case .search: return find(from: (search?.entry ?? history.entries.count) - 1)
    case .cancel, .interrupt:
      show(search?.before ?? "")
      search = nil
      return .editing
    default:
      search = nil
      return nil
    }
  }

  /// Shows the newest entry up to an index that has what is wanted.
  private mutating func find(from start: Int) -> Outcome {
    guard let wanted = search?.wanted, !wanted.isEmpty else { return .editing }
    let index = history.entries.indices.last { $0 <= start && history.entries[$0].contains(wanted) }
    search?.hasFailed = index == nil
    guard let index else { return .refused }
    search?.entry = index
    show(history.entries[index])
    return .editing
  }
}
