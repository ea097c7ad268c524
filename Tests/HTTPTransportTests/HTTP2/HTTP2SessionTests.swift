import HTTPTestSupport
import HTTPTypes
import NIOCore
import Testing

@testable import HTTPTransport

@Suite("HTTP/2 sessions", .timeLimit(.minutes(10)))
final class HTTP2SessionTests {
  private let now = NIODeadline.uptimeNanoseconds(1_000_000_000)
  private let session: HTTP2Session
  private let requests: Requests
  /// What a server says first.
  private let greeting: [TestFrame]

  /// The streams whose heads have come.
  private final class Requests {
    var streams: [HTTP2Stream] = []
  }

  init() throws {
    let requests = Requests()
    self.requests = requests
    let session = HTTP2Session(
      at: .uptimeNanoseconds(0), rules: RequestRules(limits: ConnectionLimits()),
      onRequest: { requests.streams.append($0) })
    let made = try #require(session)
    self.session = made
    let hello = PrefaceSniffer.preface + TestFrame.settings().bytes
    hello.withUnsafeBytes { made.receive($0, at: .uptimeNanoseconds(0)) }
    greeting = Self.output(of: made)
    send([TestFrame(.settings, TestFrame.acknowledgment)])
  }

  private static func output(of session: HTTP2Session) -> [TestFrame] {
    var bytes: [UInt8] = []
    while let next = session.nextOutput(at: .uptimeNanoseconds(1_000_000_000)) { bytes += next }
    return TestFrame.take(from: &bytes)
  }

  /// Sends frames and returns what comes back.
  @discardableResult
  private func send(_ frames: [TestFrame]) -> [TestFrame] {
    frames.flatMap(\.bytes).withUnsafeBytes { session.receive($0, at: now) }
    return Self.output(of: session)
  }

  private func upload(_ stream: Int32 = 1) -> TestFrame {
    .head(stream, TestFrame.post, flags: TestFrame.endHeaders)
  }

  @Test("A server says what it allows")
  func limits() throws {
    let settings = try #require(greeting.first { $0.matches(.settings) && $0.flags == 0 })
    #expect(
      settings.payload == [
        0, 3, 0, 0, 0, 100, 0, 4, 0, 1, 0, 0, 0, 6, 0, 0, 128, 0, 0, 9, 0, 0, 0, 1,
      ])
    let window = try #require(greeting.first { $0.matches(.windowUpdate, 0) })
    #expect(window.number(at: 0) == 1 << 20 - 65_535)
  }

  @Test("A head begins a request, with or without a body")
  func requestsBegin() {
    send([.head(1), upload(3)])
    #expect(requests.streams.map(\.id) == [1, 3])
    #expect(requests.streams.map(\.hasWholeRequest) == [true, false])
    #expect(requests.streams.compactMap { $0.head.request?.path?.count } == [12, 20])
  }

  @Test("64 KiB of a body may come unread, and one more byte may not")
  func streamWindow() {
    let full = send([upload()] + Array(repeating: .data(1, 16_384), count: 4))
    #expect(full.isEmpty)
    let overflow = send([.data(1, 1)])
    let flowControlError: [UInt8] = [0, 0, 0, 3]
    #expect(overflow.contains { $0.payload.suffix(4) == flowControlError[...] })
  }

  @Test("A window opens as a body is read, not as it arrives")
  func reading() async throws {
    #expect(send([upload()] + Array(repeating: .data(1, 16_384), count: 3)).isEmpty)
    let stream = try #require(requests.streams.first)
    let piece = try await withCheckedThrowingContinuation { continuation in
      session.consume(stream.read(continuation), of: stream)
    }
    #expect(piece?.readableBytes == 49_152)
    let updates = Self.output(of: session)
    #expect(updates.map(\.stream) == [1])
    #expect(updates.first?.number(at: 0) == 49_152)
  }

  @Test("What nobody read is given back to the connection when its stream ends")
  func connectionWindow() {
    for stream in stride(from: Int32(1), to: 80, by: 2) {
      let frames = [upload(stream), .data(stream, 16_384), .data(stream, 16_384), .reset(stream)]
      #expect(!send(frames).contains { $0.matches(.goAway) })
    }
    #expect(requests.streams.count == 40)
  }

  @Test("A reader gets what came before the end, and learns of a reset")
  func endings() async throws {
    send([upload(1), .data(1, 3, flags: TestFrame.endStream), upload(3)])
    let whole = requests.streams[0]
    let cut = requests.streams[1]
    #expect(try await read(whole)?.readableBytes == 3)
    #expect(try await read(whole) == nil)
    send([.reset(3)])
    do {
      _ = try await read(cut)
      Issue.record("the reader learned nothing")
    } catch is ClientConnection.Gone {}
  }

  private func read(_ stream: HTTP2Stream) async throws -> ByteBuffer? {
    try await withCheckedThrowingContinuation { _ = stream.read($0) }
  }

  @Test("A client that makes the server reset streams a hundred and one times is sent away")
  func madeToReset() {
    let malformed = (0..<101).map { TestFrame.head(Int32(2 * $0 + 1), [(":method", "GET")]) }
    let fine = send(Array(malformed.prefix(100)))
    #expect(fine.count { $0.matches(.reset) && $0.reason == .protocolError } == 100)
    #expect(!fine.contains { $0.matches(.goAway) })
    let last = send([malformed[100]]) + Self.output(of: session)
    #expect(last.contains { $0.matches(.goAway) && $0.reason == .enhanceYourCalm })
    #expect(session.isOver)
    #expect(requests.streams.isEmpty)
  }

  @Test("Bytes with a flood among them begin no request")
  func flood() {
    let streams = (0..<101).map { Int32(2 * $0 + 1) }
    let last = send(streams.flatMap { stream in [TestFrame.head(stream), .reset(stream)] })
    #expect(last.contains { $0.matches(.goAway) && $0.reason == .enhanceYourCalm })
    #expect(requests.streams.isEmpty)
  }

  @Test("Nothing that comes after a farewell is looked at", arguments: [0, 3, 6, 9] as [UInt8])
  func afterFarewell(kind: UInt8) {
    session.terminate(.noError)
    var frame = TestFrame(.data, 0xff, 2, Array(repeating: 255, count: 5))
    frame.kind = kind
    let frames = send([frame, frame])
    #expect(frames.map(\.kind) == [TestFrame.Kind.goAway.rawValue])
    #expect(send([frame]).isEmpty)
    #expect(session.isOver)
  }

  @Test("The end comes in two steps, between which requests are still taken")
  func end() throws {
    send([.head(1)])
    session.announceEnd()
    let notice = Self.output(of: session)
    #expect(notice.first { $0.matches(.goAway) }?.number(at: 0) == UInt32(Int32.max))
    let ping = try #require(notice.first { $0.matches(.ping) })
    #expect(!session.isNoticeConfirmed)
    send([.head(3), TestFrame(.ping, TestFrame.acknowledgment, 0, ping.payload)])
    #expect(session.isNoticeConfirmed)
    session.beginEnd()
    #expect(Self.output(of: session).first { $0.matches(.goAway) }?.number(at: 0) == 3)
    send([.head(5)])
    #expect(requests.streams.map(\.id) == [1, 3])
    #expect(!session.isOver)
    for stream in requests.streams {
      session.answer(stream, .init(status: .noContent), hasBody: false)
    }
    #expect(Self.output(of: session).map(\.status) == [204, 204])
    #expect(session.isOver)
  }

  @Test("An answer that has failed says all it has to say before it is reset")
  func failure() {
    send([.head(1)])
    let stream = requests.streams[0]
    stream.append(ByteBuffer(repeating: 120, count: 40_000), at: now)
    stream.end(.failed)
    session.answer(stream, .init(status: .ok), hasBody: true)
    let frames = Self.output(of: session)
    #expect(frames.filter { $0.matches(.data) }.map(\.payload.count).reduce(0, +) == 40_000)
    #expect(!frames.contains { $0.matches(.data) && $0.flags & TestFrame.endStream != 0 })
    #expect(frames.last?.matches(.reset, 1) == true)
    #expect(frames.last?.reason == .internalError)
  }

  @Test("An upload may end after its answer, if there is not too much of it")
  func earlyAnswer() throws {
    send([upload()])
    session.answer(requests.streams[0], .init(status: .ok), hasBody: false)
    #expect(Self.output(of: session).map(\.status) == [200])
    _ = requests.streams[0].discardBody()
    #expect(!send([.data(1, 16_384), .data(1, 16_384)]).contains { $0.matches(.reset) })
    send([.data(1, 1, flags: TestFrame.endStream)])
    #expect(session.streams.isEmpty)
  }

  @Test("An upload that would be too much is stopped without an error", arguments: [true, false])
  func tooMuch(isDeclared: Bool) throws {
    let length = [("content-length", "\(ConnectionLimits.discardedBytes + 1)")]
    send([.head(1, TestFrame.post + (isDeclared ? length : []), flags: TestFrame.endHeaders)])
    _ = requests.streams[0].discardBody()
    session.answer(requests.streams[0], .init(status: .ok), hasBody: false)
    var frames = Self.output(of: session)
    #expect(frames.first?.status == 200)
    if !isDeclared {
      for _ in 0..<ConnectionLimits.discardedBytes / 16_384 { frames = send([.data(1, 16_384)]) }
      #expect(!frames.contains { $0.matches(.reset) })
      frames = send([.data(1, 1)])
    }
    #expect(frames.last?.matches(.reset, 1) == true)
    #expect(frames.last?.reason == .noError)
  }
}
