import JSON

/// What a person said before, the newest last.
package struct InputHistory: Sendable, Hashable {
  /// Entries that are kept.
  package static let limit = 1000
  /// Bytes of an entry that is worth keeping.
  package static let entryLimit = 64 << 10
  /// Bytes of a file that is read.
  package static let fileLimit = 8 << 20

  /// The entries, of which no two neighbours are equal.
  package private(set) var entries: [String] = []

  /// Creates an empty history.
  package init() {}

  /// Reads the lines of a file, each a text as JSON writes it; other lines are passed over.
  package init(file bytes: some Sequence<UInt8>) {
    for line in Array(bytes).split(separator: 0x0A).suffix(2 * Self.limit) {
      guard case .string(let entry)? = try? JSONValue(parsing: Array(line)) else { continue }
      _ = add(entry)
    }
  }

  /// Adds an entry, unless it is empty, too long, or the last one again.
  ///
  /// - Returns: Whether it was added.
  package mutating func add(_ entry: String) -> Bool {
    let isBlank = entry.allSatisfy(\.isWhitespace)
    guard !isBlank, entry.utf8.count <= Self.entryLimit, entry != entries.last else { return false }
    entries.append(entry)
    if entries.count > Self.limit { entries.removeFirst(entries.count - Self.limit) }
    return true
  }

  /// A line of the file, its end included.
  package static func line(for entry: String) -> [UInt8] {
    var json = JSONWriter()
    json.value(entry)
    return json.bytes + [0x0A]
  }

  /// The whole file.
  package var file: [UInt8] { entries.flatMap(Self.line(for:)) }
}
