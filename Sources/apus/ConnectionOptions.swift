import ArgumentParser
import InferenceServer

/// How clients connect.
struct ConnectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Listen at this path, as a socket that only you may use, instead of at an address.",
      valueName: "path"))
  var socket: String?

  @Option(
    help: ArgumentHelp(
      "The certificate to encrypt with, and those that vouch for it, in PEM; read anew when it changes.",
      valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("The certificate's private key, in PEM.", valueName: "file"))
  var tlsKey: String?

  @Option(help: "Connections that may be open; beyond it, the oldest idle ones are closed.")
  var connections = 2048

  @Option(
    help: ArgumentHelp(
      "Connections that one client's address may have; 0 for any number.",
      discussion: "By default 1024, and any number for programs on this machine."))
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

  /// Hands the options on.
  func apply(to settings: inout ServerConfiguration) {
    settings.socketPath = socket
    settings.tls = tls
    settings.maximumConnections = connections
    settings.maximumConnectionsPerClient = connectionsPerClient
  }
}
