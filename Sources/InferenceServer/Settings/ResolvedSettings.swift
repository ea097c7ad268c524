/// All settings with their values. The command line overrides the environment, which overrides the file.
package struct ResolvedSettings: Sendable {
  /// A setting with its values.
  package struct Value: Sendable, Hashable {
    /// The setting.
    package let setting: Setting
    /// Its values: one, unless the setting repeats or has none.
    package let values: [String]
    /// What sets it.
    package let source: SettingSource

    /// Whether the environment or the file sets it, so that the command's parser does not see it.
    package var needsArgument: Bool { source != .commandLine && source != .defaultValue }
  }

  /// Every setting, in the order in which the settings were given.
  package private(set) var all: [Value] = []

  /// Resolves settings.
  ///
  /// - Parameters:
  ///   - settings: All settings there are.
  ///   - arguments: The arguments of the command line.
  ///   - environment: The environment's variables.
  ///   - file: The file of settings, if there is one.
  /// - Throws: A `SettingsError` where the file sets an unknown setting, or sets one twice.
  package init(
    _ settings: [Setting], arguments: [String], environment: [String: String], file: SettingsFile?
  ) throws(SettingsError) {
    let assignments = try Self.assignments(in: file, of: settings)
    all = settings.map { setting in
      Self.fromCommandLineOrEnvironment(setting, arguments: arguments, environment: environment)
        ?? Self.fromFileOrDefault(setting, in: assignments[setting.name] ?? [], file: file)
    }
  }

  /// The command-line arguments that pass on what the environment and the file set.
  ///
  /// They belong before the given arguments.
  ///
  /// - Parameter excluded: A setting to leave out.
  /// - Throws: A `SettingsError` where a flag is neither true nor false.
  package func arguments(without excluded: Setting? = nil) throws(SettingsError) -> [String] {
    var arguments: [String] = []
    for value in all where value.setting != excluded && value.needsArgument {
      guard value.setting.isFlag else {
        arguments += value.values.map { "--\(value.setting.name)=\($0)" }
        continue
      }
      switch value.values {
      case ["true"]: arguments.append("--\(value.setting.name)")
      case ["false"]: break
      default:
        throw SettingsError(
          source: value.source, reason: "\(value.setting.name) must be true or false")
      }
    }
    return arguments
  }

  /// All settings as a file that sets them, each with its source in a comment.
  package var listing: String {
    var lines: [String] = []
    for value in all {
      if value.values.isEmpty {
        lines.append("# \(value.setting.name) is not set")
      }
      for text in value.values {
        lines.append("\(value.setting.name) = \(text)  # \(value.source)")
      }
    }
    return lines.joined(separator: "\n")
  }

  /// What the command line or the environment sets; nil where neither sets the setting.
  private static func fromCommandLineOrEnvironment(
    _ setting: Setting, arguments: [String], environment: [String: String]
  ) -> Value? {
    let options = options(of: setting, in: arguments)
    if !options.isEmpty {
      return Value(setting: setting, values: options, source: .commandLine)
    }
    guard !setting.ignoresEnvironment, let text = environment[setting.variable] else { return nil }
    return Value(
      setting: setting, values: setting.repeats ? list(text) : [text],
      source: .environment(setting.variable))
  }

  /// What the file sets, or the default value.
  private static func fromFileOrDefault(
    _ setting: Setting, in assignments: [SettingsFile.Assignment], file: SettingsFile?
  ) -> Value {
    guard let file, let first = assignments.first else {
      return Value(
        setting: setting, values: setting.defaultValue.map { [$0] } ?? [], source: .defaultValue)
    }
    return Value(
      setting: setting, values: assignments.map(\.value),
      source: .file(path: file.path, line: first.line))
  }

  /// The lines of the file by setting.
  private static func assignments(
    in file: SettingsFile?, of settings: [Setting]
  ) throws(SettingsError) -> [String: [SettingsFile.Assignment]] {
    var groups: [String: [SettingsFile.Assignment]] = [:]
    guard let file else { return groups }
    for assignment in file.assignments {
      let source = SettingSource.file(path: file.path, line: assignment.line)
      guard let setting = settings.first(where: { $0.name == assignment.name }) else {
        throw SettingsError(
          source: source,
          reason: "there is no setting \(assignment.name);"
            + " `apus serve --print-config` lists all settings")
      }
      if !setting.repeats, let first = groups[assignment.name]?.first {
        throw SettingsError(
          source: source, reason: "\(assignment.name) is already set in line \(first.line)")
      }
      groups[assignment.name, default: []].append(assignment)
    }
    return groups
  }

  /// The values of a setting's options on the command line.
  private static func options(of setting: Setting, in arguments: [String]) -> [String] {
    let option = "--\(setting.name)"
    var values: [String] = []
    for (index, argument) in arguments.enumerated() {
      if argument.hasPrefix(option + "=") {
        values.append(String(argument.dropFirst(option.count + 1)))
      } else if argument == option {
        let next = setting.isFlag ? "true" : arguments.dropFirst(index + 1).first
        values.append(next ?? "")
      }
    }
    return values
  }

  /// The values in an environment variable, which commas separate.
  private static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { String($0.trimmingSpace) }.filter { !$0.isEmpty }
  }
}
