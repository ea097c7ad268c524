import HTTPTransport
import NIOCore
import Testing

@testable import InferenceServer

@Suite("Settings of a server")
struct ServerConfigurationTests {
  @Test("What is set about connections reaches the transport")
  func transport() {
    var configuration = ServerConfiguration()
    configuration.host = "::1"
    configuration.port = 1
    configuration.socketPath = "s"
    configuration.tls = TLSFiles(certificate: "c", key: "k")
    configuration.maximumConnections = 2
    configuration.maximumConnectionsPerClient = 3
    configuration.maximumBodyBytes = 4
    configuration.idleTimeout = .seconds(5)
    let settings = configuration.transport
    #expect(settings.host == "::1" && settings.port == 1 && settings.socketPath == "s")
    #expect(settings.tls == TLSFiles(certificate: "c", key: "k"))
    #expect(settings.maximumConnections == 2 && settings.maximumConnectionsPerClient == 3)
    #expect(settings.limits.bodyBytes == 4 && settings.limits.idleTime == .seconds(5))
    #expect(settings.vitalPaths.contains("/v1/health/live"))
  }

  @Test("The limits of bodies and of idle connections are one default, wherever it stands")
  func defaults() {
    let limits = ServerConfiguration().transport.limits
    #expect(limits == TransportSettings(host: "", port: 0, maximumConnections: 1).limits)
  }
}
