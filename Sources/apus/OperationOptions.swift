public import ArgumentParser
import Foundation
public import InferenceServer
import Logging

/// How much is logged.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
  case trace, debug, info, notice, warning, error, critical
}

extension LogFormat: ExpressibleByArgument {}

/// How the server is run: who may call, what it logs, and where its settings are.
struct OperationOptions: ParsableArguments {
  @Option(help: "A file of settings: lines of name = value, named like the options here.")
  var config: String?

  @Flag(help: "Show all settings, and where each comes from, instead of serving.")
  var printConfig = false

  @Option(
    help: "A file of keys, name:key a line, without which nobody may call; SIGHUP rereads it.")
  var apiKeys: String?

  @Option(help: "Requests that each key may send in a minute; any number if left out.")
  var requestsPerMinute: Int?

  @Option(help: "How lines of the log look: text or json.")
  var logFormat = LogFormat.text

  @Option(help: "The least that is logged.")
  var logLevel = LogLevel.info

  func validate() throws {
    if let requestsPerMinute, !(1...1_000_000).contains(requestsPerMinute) {
      throw ValidationError(
        "--requests-per-minute must be from 1 to 1000000, not \(requestsPerMinute).")
    }
  }

  /// The log that these options ask for.
  var logger: Logger {
    let level = Logger.Level(rawValue: logLevel.rawValue) ?? .info
    return Logger(label: "apus.server") { _ in LineLogHandler(format: logFormat, level: level) }
  }

  /// The keys of the file and of `APUS_API_KEYS`; nil where there are neither.
  func keys(logger: Logger) throws -> APIKeys? {
    let text = ProcessInfo.processInfo.environment[Self.keysVariable] ?? ""
    guard apiKeys != nil || !text.isEmpty else {
      guard requestsPerMinute == nil else {
        throw ValidationError("--requests-per-minute counts by keys, so it needs --api-keys.")
      }
      return nil
    }
    do {
      let keys = try APIKeys(file: apiKeys, text: text)
      if keys.isReadByAll {
        logger.warning("Everybody on this machine can read the keys; chmod 600 the file")
      }
      return keys
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// The variable that holds keys themselves, unlike `--api-keys`, which names a file.
  static let keysVariable = "APUS_API_KEYS"
}
