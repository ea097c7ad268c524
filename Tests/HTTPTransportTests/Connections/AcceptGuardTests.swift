import Foundation
import HTTPTestSupport
import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPTransport

@Suite("When no file descriptors are left")
struct AcceptGuardTests {
  private let connections = Connections(maximum: 2048, perAddress: AddressLimit(nil))

  @Test("The server asks again after a second, and not before", arguments: [EMFILE, ENFILE])
  func pause(code: CInt) throws {
    let channel = try listener()
    channel.pipeline.fireErrorCaught(IOError(errnoCode: code, reason: "accept"))
    try channel.throwIfErrorCaught()
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(999))
    #expect(accepts(channel) == false)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(accepts(channel) == true)
  }

  @Test("An idle connection leaves, and its end lets the server ask at once")
  func eviction() throws {
    let channel = try listener()
    let idle = try idleConnection()
    channel.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
    #expect(!idle.isActive)
    #expect(accepts(channel) == false)
    idle.embeddedEventLoop.run()
    channel.embeddedEventLoop.run()
    #expect(accepts(channel) == true)
  }

  @Test("A pause lasts its second though one before it ended early")
  func laterPause() throws {
    let channel = try listener()
    let idle = try idleConnection()
    channel.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
    idle.embeddedEventLoop.run()
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(500))
    #expect(accepts(channel) == true)
    channel.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(999))
    #expect(accepts(channel) == false)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(accepts(channel) == true)
  }

  @Test("A client that left while it waited changes nothing, and other errors are passed on")
  func others() throws {
    let channel = try listener()
    channel.pipeline.fireErrorCaught(IOError(errnoCode: ECONNABORTED, reason: "accept"))
    #expect(accepts(channel) == nil)
    try channel.throwIfErrorCaught()
    channel.pipeline.fireErrorCaught(IOError(errnoCode: EBADF, reason: "accept"))
    #expect(throws: IOError.self) { try channel.throwIfErrorCaught() }
  }

  private func listener() throws -> EmbeddedChannel {
    let channel = EmbeddedChannel()
    try channel.pipeline.syncOperations.addHandler(AcceptGuard(connections, logger: silent))
    return channel
  }

  /// A connection on which nothing has arrived.
  private func idleConnection() throws -> EmbeddedChannel {
    let idle = EmbeddedChannel()
    try idle.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    guard case .admitted(let id) = connections.admit(idle) else { throw NotAdmitted() }
    try idle.pipeline.syncOperations.addHandler(EntranceHandler(id, of: connections))
    return idle
  }

  /// A connection was not let in.
  private struct NotAdmitted: Error {}

  /// What the channel was told last; nil if nothing.
  private func accepts(_ channel: EmbeddedChannel) -> Bool? {
    channel.options.last { $0.option is ChannelOptions.Types.AutoReadOption }?.value as? Bool
  }
}
