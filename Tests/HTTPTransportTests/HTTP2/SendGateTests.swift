import Testing

@testable import HTTPTransport

@Suite("Writers that wait", .timeLimit(.minutes(10)))
struct SendGateTests {
  @Test("Up to 64 KiB nobody waits")
  func open() async throws {
    let gate = SendGate(Backlog())
    try gate.add(64 << 10)
    try await gate.pass()
  }

  @Test("Beyond, a writer waits until 16 KiB are left")
  func wait() async throws {
    let gate = SendGate(Backlog())
    try gate.add(64 << 10 + 1)
    try gate.add(64 << 10)
    let (order, note) = AsyncStream.makeStream(of: String.self)
    let writer = Task {
      try await gate.pass()
      note.yield("goes on")
      note.finish()
    }
    while !gate.holdsWriter { await Task.yield() }
    gate.remove(112 << 10)
    note.yield("16 KiB and a byte")
    gate.remove(1)
    try await writer.value
    #expect(await order.reduce(into: []) { $0.append($1) } == ["16 KiB and a byte", "goes on"])
  }

  @Test("Where much waits on a connection, a writer waits until less of its own is left")
  func crowded() async throws {
    let backlog = Backlog()
    let others = (0..<9).map { _ in SendGate(backlog) }
    for other in others { try other.add(60 << 10) }
    let gate = SendGate(backlog)
    try gate.add(4 << 10)
    try await gate.pass()
    try gate.add(1)
    let writer = Task { try await gate.pass() }
    while !gate.holdsWriter { await Task.yield() }
    gate.remove(1)
    try await writer.value
    // What was dropped with its stream waits no more.
    for other in others { other.shut() }
    try gate.add(60 << 10)
    try await gate.pass()
  }

  @Test("A writer learns that nobody is left, whether it waits or comes later")
  func shut() async {
    let gate = SendGate(Backlog())
    try? gate.add(100 << 10)
    let writer = Task { try await gate.pass() }
    gate.shut()
    await #expect(throws: ClientConnection.Gone.self) { try await writer.value }
    #expect(throws: ClientConnection.Gone.self) { try gate.add(1) }
    await #expect(throws: ClientConnection.Gone.self) { try await gate.pass() }
  }

  @Test("A writer that is cancelled waits no longer")
  func cancelled() async {
    let gate = SendGate(Backlog())
    try? gate.add(100 << 10)
    let writer = Task { try await gate.pass() }
    writer.cancel()
    await #expect(throws: ClientConnection.Gone.self) { try await writer.value }
  }
}
