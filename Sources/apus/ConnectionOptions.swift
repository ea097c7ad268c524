import ArgumentParser
import Foundation
import InferenceServer
import Platform

/// How clients connect.
struct ConnectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Listen on a Unix domain socket at this path, which only its owner may use.",
      valueName: "path"))
  var socket: String?

  @Option(
    help: ArgumentHelp(
      "The TLS certificate and its chain, in PEM; reloaded when it changes.",
      valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("The certificate's private key, in PEM.", valueName: "file"))
  var tlsKey: String?

  @Option(help: "The limit of open connections; beyond it, the oldest idle connection is closed.")
  var connections = 2048

  @Option(
    help: ArgumentHelp(
      "The limit of connections of one client address; 0 for no limit.",
      discussion: "By default 1024, and no limit for addresses of this machine."))
  var connectionsPerClient: Int?

  /// The files of an encrypted server.
  var tls: TLSFiles? {
    guard let tlsCertificate, let tlsKey else { return nil }
    return TLSFiles(certificate: tlsCertificate, key: tlsKey)
  }

  func validate() throws {
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key need each other.")
    }
    guard socket == nil || tls == nil else {
      throw ValidationError("--socket is not encrypted; leave out --tls-certificate and --tls-key.")
    }
    guard (1...1_000_000).contains(connections), (0...1_000_000).contains(connectionsPerClient ?? 0)
    else {
      throw ValidationError(
        "--connections must be from 1 to 1000000, and --connections-per-client from 0.")
    }
  }

  /// Hands the options on, and with them the sockets that a service manager left to the process.
  func apply(to settings: inout ServerConfiguration) throws {
    settings.socketPath = socket
    settings.inheritedSockets = try InheritedSockets.descriptors(
      environment: ProcessInfo.processInfo.environment)
    settings.tls = tls
    settings.maximumConnections = connections
    settings.maximumConnectionsPerClient = connectionsPerClient
  }
}
