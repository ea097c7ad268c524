import Foundation
import NIOCore
import NIOEmbedded
import Testing

@testable import InferenceServer

@Suite("When no file descriptors are left")
struct AcceptGuardTests {
  /// Counts how often the channel is asked to accept.
  private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = any Channel
    var count = 0

    func read(context: ChannelHandlerContext) {
      count += 1
      context.read()
    }
  }

  private let connections = Connections(ServerConfiguration())
  private let reads = ReadCounter()

  @Test("The server asks again after a second, and not before", arguments: [EMFILE, ENFILE])
  func pause(code: CInt) throws {
    let channel = try listener()
    channel.pipeline.fireErrorCaught(IOError(errnoCode: code, reason: "accept"))
    try channel.throwIfErrorCaught()
    for _ in 0..<3 { channel.pipeline.read() }
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(999))
    #expect(reads.count == 0)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(reads.count == 1)
    channel.pipeline.read()
    #expect(reads.count == 2)
  }

  @Test("An idle connection leaves, and its end lets the server ask at once")
  func eviction() throws {
    let channel = try listener()
    let idle = EmbeddedChannel()
    try idle.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    _ = connections.admit(idle)
    channel.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
    channel.pipeline.read()
    #expect(!idle.isActive)
    idle.embeddedEventLoop.run()
    channel.embeddedEventLoop.run()
    #expect(reads.count == 1)
  }

  @Test("A client that left while it waited changes nothing, and other errors are passed on")
  func others() throws {
    let channel = try listener()
    channel.pipeline.fireErrorCaught(IOError(errnoCode: ECONNABORTED, reason: "accept"))
    channel.pipeline.read()
    #expect(reads.count == 1)
    try channel.throwIfErrorCaught()
    channel.pipeline.fireErrorCaught(IOError(errnoCode: EBADF, reason: "accept"))
    #expect(throws: IOError.self) { try channel.throwIfErrorCaught() }
  }

  private func listener() throws -> EmbeddedChannel {
    let channel = EmbeddedChannel()
    try channel.pipeline.syncOperations.addHandlers([
      reads, AcceptGuard(connections, logger: silent),
    ])
    return channel
  }
}
