// Serves one model's addresses over HTTP/2 without TLS, by this project's own connections or by
// Hummingbird's; all behind the connections is the same.
//
//   http2-servers apus|hummingbird MODEL PORT

import Foundation
import GPTModel
import Hummingbird
import HummingbirdHTTP2
import InferenceServer
import Logging

let arguments = CommandLine.arguments
guard arguments.count == 4, let port = Int(arguments[3]) else {
  FileHandle.standardError.write(Data("usage: http2-servers apus|hummingbird MODEL PORT\n".utf8))
  exit(64)
}
let engine = try Engine(model: LanguageModel.load(path: arguments[2]))
var logger = Logger(label: "http2")
logger.logLevel = .error
var configuration = ServerConfiguration()
configuration.port = port
let server = InferenceServer(engine: engine, configuration: configuration, logger: logger)
switch arguments[1] {
case "apus": try await server.runUntilStopped()
default:
  let application = Application(
    router: server.makeRouter(), server: .plaintextHTTP2(),
    configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
    logger: logger)
  try await application.runService()
}
