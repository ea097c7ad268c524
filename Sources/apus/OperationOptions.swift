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
  @Option(help: "A file of settings: lines of name = value, with the names of these options.")
  var config: String?

  @Flag(help: "Print all settings and the source of each, and do not serve.")
  var printConfig = false

  @Option(
    help: "A file of API keys, name:key a line. Requests need a key; SIGHUP reloads the file.")
  var apiKeys: String?

  @Option(help: "The rate limit of each key, in requests a minute; none by default.")
  var requestsPerMinute: Int?

  @Option(help: "The format of log lines: text or json.")
  var logFormat = LogFormat.text

  @Option(help: "The lowest level that is logged.")
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
