import ArgumentParser
import Foundation
import GPTModel
import InferenceServer

/// The settings of `apus serve` from options, `APUS_…` environment variables and a file.
///
/// Each option of the command is a setting, and no other list of settings exists.
struct ServeSettings {
  /// All settings with their values.
  let resolved: ResolvedSettings
  /// The arguments with which the command runs.
  let arguments: [String]
  /// Variables of the environment that have the settings' prefix and the name of none.
  let unknownVariables: [String]

  /// Resolves the settings of a command line, without the command's name.
  ///
  /// - Throws: A `SettingsError` for an invalid setting of the environment or the file. The command
  ///   itself reports an invalid option.
  init(_ given: [String], environment: [String: String]) throws {
    let path = try ResolvedSettings(
      [Setting("config")], arguments: given, environment: environment, file: nil
    ).all.first?.values.last
    let settings = try Self.settings()
    unknownVariables = Setting.unknownVariables(
      of: environment.keys, among: settings,
      and: [OperationOptions.keysVariable, Setting("config").variable])
    resolved = try ResolvedSettings(
      settings, arguments: given, environment: environment, file: path.map(Self.file))
    arguments = try resolved.arguments() + given
    if let error = try error(in: given) { throw error }
  }

  /// Says which variables of the environment look like settings and are none.
  func warn() {
    for variable in unknownVariables {
      printError("apus: warning: \(variable) is no setting; `apus serve --help` lists them")
    }
  }

  /// The error of an invalid setting of the environment or the file; nil where all are valid.
  private func error(in given: [String]) throws -> SettingsError? {
    do {
      _ = try Serve.parse(arguments)
    } catch {
      // The invalid setting is the one without which the command accepts the others.
      for value in resolved.all where value.needsArgument {
        let rest = try resolved.arguments(without: value.setting) + given
        guard (try? Serve.parse(rest)) != nil else { continue }
        return SettingsError(source: value.source, reason: Serve.message(for: error))
      }
    }
    return nil
  }

  private static func file(_ path: String) throws -> SettingsFile {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw ValidationError("\(path) cannot be read as text; name a file of settings.")
    }
    return try SettingsFile(parsing: text, path: path)
  }

  /// Options that are no settings of the server.
  private static let excluded: Set<String> = ["config", "print-config", "help", "version"]

  /// The options of the command, as it describes them.
  private static func settings() throws -> [Setting] {
    let description = try JSONDecoder().decode(
      CommandDescription.self, from: Data(Serve._dumpHelp().utf8))
    return description.command.arguments.compactMap { argument in
      guard let name = argument.names?.first(where: { $0.kind == "long" })?.name,
        !excluded.contains(name)
      else { return nil }
      var setting = Setting(name)
      setting.repeats = argument.isRepeating
      setting.isFlag = argument.kind == "flag"
      setting.ignoresEnvironment = setting.variable == OperationOptions.keysVariable
      setting.defaultValue = argument.isRepeating ? nil : argument.defaultValue
      return setting
    }
  }
}

/// The part of argument-parser's description of a command that lists its options.
private struct CommandDescription: Decodable {
  struct Command: Decodable {
    let arguments: [Argument]
  }

  struct Argument: Decodable {
    let kind: String
    let names: [Name]?
    let isRepeating: Bool
    let defaultValue: String?
  }

  struct Name: Decodable {
    let kind: String
    let name: String
  }

  let command: Command
}
