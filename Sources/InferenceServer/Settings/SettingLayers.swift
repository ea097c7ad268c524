/// Something that can be set by a flag, a variable of the environment, or a line of a file.
package struct Setting: Sendable, Hashable {
  /// The flag without its dashes, which is the name in a file too.
  package let name: String
  /// Whether it can have several values.
  package var repeats = false
  /// Whether it is only said or not said.
  package var isSwitch = false
  /// Whether its variable is not looked at.
  package var ignoresEnvironment = false
  /// Its value when nobody sets it; nil where that is found out later.
  package var standard: String?

  /// Names a setting with one value.
  package init(_ name: String) {
    self.name = name
  }

  /// The variable of the environment: `--cache-mib` is `APUS_CACHE_MIB`.
  package var variable: String {
    "APUS_" + name.uppercased().replacing("-", with: "_")
  }
}

/// All settings with their values: the command line goes before the environment, that before the file.
package struct SettingLayers: Sendable {
  /// A setting as it came to be.
  package struct Value: Sendable, Hashable {
    /// What is set.
    package let setting: Setting
    /// Its values: one, unless it repeats or nobody set it.
    package let texts: [String]
    /// Who set it.
    package let origin: SettingOrigin
  }

  /// Every setting, in the order in which they are known.
  package private(set) var values: [Value] = []

  /// Finds out who sets what.
  ///
  /// - Parameters:
  ///   - known: All settings there are.
  ///   - arguments: The arguments of the command line.
  ///   - environment: The environment's variables.
  ///   - file: The file of settings, if there is one.
  /// - Throws: A `SettingsError` for what the file sets and is not known, or sets twice.
  package init(
    _ known: [Setting], arguments: [String], environment: [String: String], file: SettingsFile?
  ) throws(SettingsError) {
    let inFile = try Self.grouped(file, known: known)
    for setting in known {
      let said = Self.said(setting, in: arguments)
      if !said.isEmpty {
        values.append(Value(setting: setting, texts: said, origin: .commandLine))
      } else if !setting.ignoresEnvironment, let text = environment[setting.variable] {
        values.append(
          Value(
            setting: setting, texts: setting.repeats ? Self.list(text) : [text],
            origin: .environment(setting.variable)))
      } else if let file, let entries = inFile[setting.name], let first = entries.first {
        values.append(
          Value(
            setting: setting, texts: entries.map(\.value),
            origin: .file(path: file.path, line: first.line)))
      } else {
        values.append(
          Value(setting: setting, texts: setting.standard.map { [$0] } ?? [], origin: .standard))
      }
    }
  }

  /// Arguments that say what the environment and the file set, to be put before the given ones.
  ///
  /// - Parameter left: A setting to leave out.
  package func arguments(without left: Setting? = nil) throws(SettingsError) -> [String] {
    var arguments: [String] = []
    for value in values where value.setting != left && value.isFromBelow {
      guard value.setting.isSwitch else {
        arguments += value.texts.map { "--\(value.setting.name)=\($0)" }
        continue
      }
      switch value.texts {
      case ["true"]: arguments.append("--\(value.setting.name)")
      case ["false"]: break
      default:
        throw SettingsError(
          origin: value.origin, reason: "\(value.setting.name) must be true or false")
      }
    }
    return arguments
  }

  /// All settings as a file that sets them, each with its origin in a comment.
  package var listing: String {
    var lines: [String] = []
    for value in values {
      if value.texts.isEmpty {
        lines.append("# \(value.setting.name) is not set")
      }
      for text in value.texts {
        lines.append("\(value.setting.name) = \(text)  # \(value.origin)")
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func grouped(_ file: SettingsFile?, known: [Setting]) throws(SettingsError)
    -> [String: [SettingsFile.Entry]]
  {
    var groups: [String: [SettingsFile.Entry]] = [:]
    guard let file else { return groups }
    for entry in file.entries {
      let origin = SettingOrigin.file(path: file.path, line: entry.line)
      guard let setting = known.first(where: { $0.name == entry.name }) else {
        throw SettingsError(
          origin: origin,
          reason: "there is no setting \(entry.name); `apus serve --print-config` lists all")
      }
      if !setting.repeats, let first = groups[entry.name]?.first {
        throw SettingsError(
          origin: origin, reason: "\(entry.name) was set in line \(first.line) already")
      }
      groups[entry.name, default: []].append(entry)
    }
    return groups
  }

  /// What the command line says of a setting.
  private static func said(_ setting: Setting, in arguments: [String]) -> [String] {
    let flag = "--\(setting.name)"
    var texts: [String] = []
    for (index, argument) in arguments.enumerated() {
      if argument.hasPrefix(flag + "=") {
        texts.append(String(argument.dropFirst(flag.count + 1)))
      } else if argument == flag {
        let next = setting.isSwitch ? "true" : arguments.dropFirst(index + 1).first
        texts.append(next ?? "")
      }
    }
    return texts
  }

  private static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { String($0.trimmingSpace) }.filter { !$0.isEmpty }
  }
}

extension SettingLayers.Value {
  /// Whether the environment or the file set it.
  package var isFromBelow: Bool { origin != .commandLine && origin != .standard }
}
