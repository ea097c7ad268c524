// Serves one model's addresses over HTTP/2 without TLS, by this project's own connections or by
// Hummingbird's; all behind the connections is the same. Prints the port as soon as it is open.
//
//   http2-servers apus|hummingbird MODEL

import Foundation
import GPTModel
import Hummingbird
import HummingbirdHTTP2
import InferenceServer
import Logging

let arguments = CommandLine.arguments
guard arguments.count == 3, ["apus", "hummingbird"].contains(arguments[1]) else {
  FileHandle.standardError.write(Data("usage: http2-servers apus|hummingbird MODEL\n".utf8))
  exit(64)
}
let engine = try Engine(model: await LoadedModel.load(path: arguments[2]))
var logger = Logger(label: "http2")
logger.logLevel = .error
var configuration = ServerConfiguration()
configuration.port = 0
let server = InferenceServer(
  engine: engine, configuration: configuration, logger: logger, onReady: announce)
if arguments[1] == "apus" {
  try await server.runUntilStopped()
} else {
  let application = Application(
    router: server.makeRouter(), server: .plaintextHTTP2(),
    configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
    onServerRunning: { channel in await announce(channel.localAddress?.port ?? 0) },
    logger: logger)
  try await application.runService()
}

@Sendable func announce(_ port: Int) async {
  FileHandle.standardOutput.write(Data("\(port)\n".utf8))
}
