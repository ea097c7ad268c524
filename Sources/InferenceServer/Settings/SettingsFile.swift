/// A file of settings: `name = value` lines, empty lines, and comments from `#` on.
///
/// A `#` begins a comment at the beginning of a line or after a space, so that values may contain one.
package struct SettingsFile: Sendable, Hashable {
  /// A line that sets a setting.
  package struct Assignment: Sendable, Hashable {
    /// The name of the setting.
    package let name: String
    /// The value.
    package let value: String
    /// The number of the line, counted from one.
    package let line: Int
  }

  /// The path of the file, for errors.
  package let path: String
  /// The assignments, in the order of the file.
  package private(set) var assignments: [Assignment] = []

  /// Parses the text of a file.
  ///
  /// - Throws: A `SettingsError` for a line that is no assignment.
  package init(parsing text: String, path: String) throws(SettingsError) {
    self.path = path
    for (index, line) in text.everyLine.enumerated() {
      let content = Self.withoutComment(line).trimmingSpace
      guard !content.isEmpty else { continue }
      let source = SettingSource.file(path: path, line: index + 1)
      guard let equals = content.firstIndex(of: "=") else {
        throw SettingsError(source: source, reason: "a line must be: name = value")
      }
      let name = content[..<equals].trimmingSpace
      let value = content[content.index(after: equals)...].trimmingSpace
      guard !name.isEmpty, !value.isEmpty else {
        throw SettingsError(
          source: source, reason: "name and value must not be empty; leave the line out")
      }
      assignments.append(
        Assignment(name: String(name), value: String(value), line: index + 1))
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
