/// A setting of the server, which an option, an environment variable or a line of a file sets.
package struct Setting: Sendable, Hashable {
  /// The option without its dashes, which is the name in a file too.
  package let name: String
  /// Whether it can have several values.
  package var repeats = false
  /// Whether it is a flag: an option without a value.
  package var isFlag = false
  /// Whether no environment variable sets it.
  package var ignoresEnvironment = false
  /// Its value when nothing sets it; nil where the server chooses one at start.
  package var defaultValue: String?

  /// Describes a setting with one value and no default.
  package init(_ name: String) {
    self.name = name
  }

  /// The environment variable: `--cache-mib` is `APUS_CACHE_MIB`.
  package var variable: String {
    Self.prefix + name.uppercased().replacing("-", with: "_")
  }

  /// What the environment variables of all settings begin with.
  private static let prefix = "APUS_"

  /// Variables of an environment that have the settings' prefix but belong to no setting, in order.
  package static func unknownVariables(
    of environment: some Sequence<String>, among settings: [Setting], and others: Set<String> = []
  ) -> [String] {
    let known = others.union(settings.lazy.filter { !$0.ignoresEnvironment }.map(\.variable))
    return environment.filter { $0.hasPrefix(prefix) && !known.contains($0) }.sorted()
  }
}

/// What sets a setting.
package enum SettingSource: Sendable, Hashable, CustomStringConvertible {
  /// An option on the command line.
  case commandLine
  /// An environment variable.
  case environment(String)
  /// A line of a file.
  case file(path: String, line: Int)
  /// Nothing: it has its default value.
  case defaultValue

  package var description: String {
    switch self {
    case .commandLine: "command line"
    case .environment(let variable): variable
    case .file(let path, let line): "\(path):\(line)"
    case .defaultValue: "default"
    }
  }
}

/// A setting that is invalid, and what sets it.
package struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What sets the setting.
  package let source: SettingSource
  /// Why it is invalid.
  package let reason: String

  /// Creates an error.
  package init(source: SettingSource, reason: String) {
    self.source = source
    self.reason = reason
  }

  package var description: String { "\(source): \(reason)" }
}
