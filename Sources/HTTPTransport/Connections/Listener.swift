import Hummingbird
import HummingbirdCore
import Logging
import NIOConcurrencyHelpers
import NIOCore
import Platform
import ServiceLifecycle

/// Accepts connections and has a router answer what comes in.
///
/// Unlike Hummingbird's `Application`, nothing here happens by the clock: a server without requests
/// uses no processor time.
struct Listener: ApplicationProtocol {
  /// Answers the requests of both protocols.
  let requests: RequestResponder
  /// Sets connections up.
  let entrance: @Sendable (@escaping HTTPChannelHandler.Responder) throws -> EntranceChannel
  /// Sockets that listen already, instead of the address.
  let inherited: [CInt]
  /// The address.
  let address: ListenAddress
  /// A path to listen at instead of the address.
  let socketPath: String?
  /// All connections.
  let connections: Connections
  /// Takes what connections report.
  let logger: Logger
  /// Called once, as soon as connections are accepted.
  let onReady: @Sendable (any Channel) async -> Void

  /// What Hummingbird's tests read and change.
  var configuration: ApplicationConfiguration {
    ApplicationConfiguration(address: .hostname(address.bound, port: address.port))
  }

  var server: HTTPServerBuilder { HTTPServerBuilder { [entrance] in try entrance($0) } }

  var responder: RouterResponder<BasicRequestContext> { requests.router }

  func onServerRunning(_ channel: any Channel) async {
    await guardConnections(of: channel)
    await onReady(channel)
  }

  private func guardConnections(of channel: any Channel) async {
    do {
      try await channel.eventLoop.submit { [connections, logger] in
        try channel.pipeline.syncOperations.addHandler(
          AcceptGuard(connections, logger: logger), position: .first)
      }.get()
    } catch {
      logger.debug("The server ended before it began", metadata: ["error": "\(error)"])
    }
  }

  /// Listens until the surrounding service group stops it, and the last connection has ended.
  func run() async throws {
    guard inherited.isEmpty else { return try await runAtInherited() }
    guard let socketPath else { return try await runAtAddresses() }
    let file = try SocketFile(preparing: socketPath)
    let identity = NIOLockedValueBox<FileStatus.Identity?>(nil)
    defer { file.remove(identity.withLockedValue { $0 }) }
    let failure = NIOLockedValueBox<SocketFile.Failure?>(nil)
    try await run(at: .unixDomainSocket(path: file.provisionalPath)) { channel in
      do throws(SocketFile.Failure) {
        try file.publish()
        identity.withLockedValue { $0 = SocketFile.identity(of: socketPath) }
      } catch {
        failure.withLockedValue { $0 = error }
        return channel.close(promise: nil)
      }
      await onServerRunning(channel)
    }
    if let failure = failure.withLockedValue({ $0 }) { throw failure }
  }

  /// Listens at the address, and at its twin where this machine has one.
  private func runAtAddresses() async throws {
    try await withThrowingTaskGroup { group in
      let host = address.bound
      guard
        let channel = await begin({ try await run(host, port: address.port, $0) }, in: &group)
      else { return try await group.waitForAll() }
      await guardConnections(of: channel)
      if let twin = address.twin, let port = channel.localAddress?.port {
        let second = await begin({ await runTwin(twin, port: port, $0) }, in: &group)
        if let second { await guardConnections(of: second) }
      }
      await onReady(channel)
      try await group.waitForAll()
    }
  }

  /// Listens at the sockets that were left to the process.
  private func runAtInherited() async throws {
    let listener = InheritedListener(
      entrance: try entrance(answer), eventLoopGroup: eventLoopGroup, logger: logger)
    try await withThrowingTaskGroup { group in
      var first: (any Channel)?
      for descriptor in inherited {
        let channel = await begin({ try await listener.run(descriptor, onRunning: $0) }, in: &group)
        guard let channel else { return try await group.waitForAll() }
        await guardConnections(of: channel)
        first = first ?? channel
      }
      if let first { await onReady(first) }
      try await group.waitForAll()
    }
  }

  /// Starts a listener, and waits until it listens; nil where it ends before.
  private func begin(
    _ listen:
      @escaping @Sendable (@escaping @Sendable (any Channel) async -> Void) async throws ->
      Void,
    in group: inout ThrowingTaskGroup<Void, any Error>
  ) async -> (any Channel)? {
    let (running, continuation) = AsyncStream.makeStream(of: (any Channel).self)
    group.addTask {
      defer { continuation.finish() }
      try await listen { continuation.yield($0) }
    }
    return await running.first { _ in true }
  }

  private func run(
    _ host: String, port: Int, _ onRunning: @escaping @Sendable (any Channel) async -> Void
  ) async throws {
    do {
      try await run(at: .hostname(host, port: port), onServerRunning: onRunning)
    } catch {
      throw ListenError(error, at: ListenAddress(host: host, port: port)) ?? error
    }
  }

  /// Listens at the second address of this machine for itself, where it has one.
  private func runTwin(
    _ host: String, port: Int, _ onRunning: @escaping @Sendable (any Channel) async -> Void
  ) async {
    do {
      try await run(host, port: port, onRunning)
    } catch {
      logger.notice("Not listening at \(host)", metadata: ["reason": "\(error)"])
    }
  }

  private func run(
    at address: BindAddress, onServerRunning: @escaping @Sendable (any Channel) async -> Void
  ) async throws {
    let listener = try server.buildServer(
      configuration: HummingbirdCore.ServerConfiguration(address: address),
      eventLoopGroup: eventLoopGroup, logger: logger,
      responder: answer,
      onServerRunning: onServerRunning)
    try await listener.run()
  }

  /// Has the router answer a request.
  private var answer: HTTPChannelHandler.Responder {
    { [requests] request, writer, channel in
      // In a task of its own: a task keeps the memory of its deepest call until it ends, and the
      // connection's may live long.
      async let answer = requests.respond(to: request, on: channel)
      let response = try await answer
      try await writer.write(response: response.head, body: response.body)
    }
  }
}
