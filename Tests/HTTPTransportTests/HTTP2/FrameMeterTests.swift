import HTTPTestSupport
import NIOCore
import Testing

@testable import HTTPTransport

@Suite("Floods of frames")
struct FrameMeterTests {
  private let now = NIODeadline.uptimeNanoseconds(1_000_000_000)

  /// Whether a connection's beginning followed by frames is within the limits.
  private func admits(_ frames: [TestFrame], pieces: Int? = nil) -> Bool {
    var meter = FrameMeter()
    let bytes = PrefaceSniffer.preface + frames.flatMap(\.bytes)
    return stride(from: 0, to: bytes.count, by: pieces ?? bytes.count).allSatisfy { start in
      bytes[start..<min(start + (pieces ?? bytes.count), bytes.count)].withUnsafeBytes {
        meter.fault(in: $0, at: now) == nil
      }
    }
  }

  private static let cheap: [TestFrame] = [
    TestFrame(.ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]), .settings((3, 100)), .reset(),
    TestFrame(.priority, 0, 1, [0, 0, 0, 0, 1]), .windowUpdate(0, 1), .data(1, 0),
    TestFrame(.data, 0x8, 1, [3, 0, 0, 0]), TestFrame(.goAway, 0, 0, Array(repeating: 0, count: 8)),
    unknown,
  ]

  private static var unknown: TestFrame {
    var frame = TestFrame(.ping, 0, 0, Array(repeating: 9, count: 300))
    frame.kind = 0x42
    return frame
  }

  @Test(
    "Of each kind that costs nothing to send, a hundred are fine and one more is not",
    arguments: cheap)
  func limits(frame: TestFrame) {
    #expect(admits(Array(repeating: frame, count: 99)))
    #expect(admits(Array(repeating: frame, count: 100)))
    #expect(!admits(Array(repeating: frame, count: 101)))
  }

  @Test("Frames are counted wherever the bytes are cut", arguments: [1, 2, 8, 9, 10, 13, 1000])
  func pieces(count: Int) {
    let frames = Self.cheap.dropFirst(8) + [.data(1, 5)]
    #expect(admits(Array(repeatElement(frames, count: 100).joined()), pieces: count))
    #expect(!admits(Array(repeatElement(frames, count: 101).joined()), pieces: count))
  }

  @Test("Four CONTINUATION may follow one another, and five may not, however slowly")
  func continuations() {
    let four = [.head(flags: 0)] + Array(repeating: TestFrame(.continuation, 0, 1), count: 4)
    #expect(admits(four + four + four))
    #expect(!admits(four + [TestFrame(.continuation, 0x4, 1)], pieces: 3))
  }

  @Test("Requests, bodies and ends of bodies are not limited here")
  func work() {
    let frames = (0..<1000).flatMap { number -> [TestFrame] in
      let stream = Int32(2 * number + 1)
      return [
        .head(stream, flags: 0x4), .data(stream, 1), .data(stream, 0, flags: TestFrame.endStream),
      ]
    }
    #expect(admits(frames))
  }

  @Test("A priority of no stream ends the connection as the protocol wants it")
  func priority() {
    var meter = FrameMeter()
    let bytes = PrefaceSniffer.preface + TestFrame(.priority, 0, 0, [0, 0, 0, 0, 1]).bytes
    let fault = bytes.withUnsafeBytes { meter.fault(in: $0, at: now) }
    #expect(fault == .protocolError)
  }

  @Test(
    "A stream that depends on itself ends the connection as the protocol wants it",
    arguments: [
      TestFrame(.priority, 0, 5, [0x80, 0, 0, 5, 1]),
      TestFrame(.headers, 0x24, 5, [0, 0, 0, 5, 1] + TestFrame.block(TestFrame.get)),
      TestFrame(.headers, 0x2C, 5, [1, 0, 0, 0, 5, 1] + TestFrame.block(TestFrame.get) + [0]),
    ], [1, 9, 12, 1000])
  func dependency(frame: TestFrame, pieces: Int) {
    #expect(!admits([frame], pieces: pieces))
    var other = frame
    other.stream = 7
    #expect(admits([other, .head(9)], pieces: pieces))
  }

  @Test("Streams and data pay for the frames that acknowledge them")
  func earned() {
    var meter = FrameMeter()
    for _ in 0..<10 { meter.earn() }
    let bytes =
      PrefaceSniffer.preface
      + Array(repeatElement(TestFrame.windowUpdate(0, 1).bytes, count: 140).joined())
    let paid = bytes.withUnsafeBytes { meter.fault(in: $0, at: now) }
    #expect(paid == nil)
    let unpaid = TestFrame.windowUpdate(0, 1).bytes.withUnsafeBytes { meter.fault(in: $0, at: now) }
    #expect(unpaid == .enhanceYourCalm)
  }
}
