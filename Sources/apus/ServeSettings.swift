import ArgumentParser
import Foundation
import GPTModel
import InferenceServer

/// The settings of `apus serve`, wherever they come from: flags, `APUS_…` variables, and a file.
///
/// What can be set is what the command has options for; nothing is listed twice.
struct ServeSettings {
  /// All settings with their values.
  let layers: SettingLayers
  /// What the command is to be run with.
  let arguments: [String]

  /// Reads what a command line, without the command's name, asks for.
  ///
  /// - Throws: A `SettingsError` with the place of the fault, where it is not the command line.
  init(_ given: [String], environment: [String: String]) throws {
    let known = try Self.known()
    let path = try SettingLayers(
      [Setting("config")], arguments: given, environment: environment, file: nil
    ).values.first?.texts.last
    layers = try SettingLayers(
      known, arguments: given, environment: environment, file: path.map(Self.file))
    arguments = try layers.arguments() + given
    if let fault = try fault(in: given) { throw fault }
  }

  /// The fault of a setting that is not from the command line; nil where there is none.
  private func fault(in given: [String]) throws -> SettingsError? {
    do {
      _ = try Serve.parse(arguments)
    } catch {
      // The one without which all would be well.
      for value in layers.values where value.isFromBelow {
        let rest = try layers.arguments(without: value.setting) + given
        guard (try? Serve.parse(rest)) != nil else { continue }
        return SettingsError(origin: value.origin, reason: Serve.message(for: error))
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

  /// Options that are about the settings themselves.
  private static let excluded: Set<String> = ["config", "print-config", "help", "version"]

  /// The options of the command, as it describes them.
  private static func known() throws -> [Setting] {
    let description = try JSONDecoder().decode(
      CommandDescription.self, from: Data(Serve._dumpHelp().utf8))
    return description.command.arguments.compactMap { argument in
      guard let name = argument.names?.first(where: { $0.kind == "long" })?.name,
        !excluded.contains(name)
      else { return nil }
      var setting = Setting(name)
      setting.repeats = argument.isRepeating
      setting.isSwitch = argument.kind == "flag"
      setting.ignoresEnvironment = setting.variable == OperationOptions.keysVariable
      setting.standard = argument.isRepeating ? nil : argument.defaultValue
      return setting
    }
  }
}

/// The part of a command's description of itself that is needed here.
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
