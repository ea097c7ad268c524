/// A file of settings: `name = value` lines, empty lines, and comments from `#` on.
///
/// A `#` begins a comment at the beginning of a line or after a space, so that values may have one
/// inside.
package struct SettingsFile: Sendable, Hashable {
  /// One setting.
  package struct Entry: Sendable, Hashable {
    /// What is set.
    package let name: String
    /// To what.
    package let value: String
    /// Where it stands, counted from one.
    package let line: Int
  }

  /// The name by which complaints call the file.
  package let path: String
  /// The settings in order.
  package private(set) var entries: [Entry] = []

  /// Reads a file's text.
  package init(parsing text: String, path: String) throws(SettingsError) {
    self.path = path
    for (index, line) in text.everyLine.enumerated() {
      let content = Self.withoutComment(line).trimmingSpace
      guard !content.isEmpty else { continue }
      let origin = SettingOrigin.file(path: path, line: index + 1)
      guard let mark = content.firstIndex(of: "=") else {
        throw SettingsError(origin: origin, reason: "a line must be: name = value")
      }
      let name = content[..<mark].trimmingSpace
      let value = content[content.index(after: mark)...].trimmingSpace
      guard !name.isEmpty, !value.isEmpty else {
        throw SettingsError(
          origin: origin, reason: "name and value must not be empty; leave the line out")
      }
      entries.append(Entry(name: String(name), value: String(value), line: index + 1))
    }
  }

  private static func withoutComment(_ line: Substring) -> Substring {
    var before: Character = " "
    for index in line.indices {
      if line[index] == "#", before == " " || before == "\t" { return line[..<index] }
      before = line[index]
    }
    return line
  }
}

/// Where a setting has its value from.
package enum SettingOrigin: Sendable, Hashable, CustomStringConvertible {
  /// A flag of the command line.
  case commandLine
  /// A variable of the environment.
  case environment(String)
  /// A line of a file.
  case file(path: String, line: Int)
  /// Nobody set it.
  case standard

  package var description: String {
    switch self {
    case .commandLine: "command line"
    case .environment(let variable): variable
    case .file(let path, let line): "\(path):\(line)"
    case .standard: "default"
    }
  }
}

/// Why settings were not taken, and where the fault is.
package struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The place.
  package let origin: SettingOrigin
  /// What is wrong there.
  package let reason: String

  /// Creates an error.
  package init(origin: SettingOrigin, reason: String) {
    self.origin = origin
    self.reason = reason
  }

  package var description: String { "\(origin): \(reason)" }
}
