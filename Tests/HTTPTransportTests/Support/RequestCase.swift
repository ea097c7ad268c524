import HTTPTestSupport
import Testing

@testable import HTTPTransport

/// A request that one rule is about, as both protocols can send it, and the status of its answer.
struct RequestCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let status: Int
  var method = "POST"
  var target = "/a"
  var hosts = ["localhost"]
  var fields: [(String, String)] = []
  var body: String?

  init(_ name: String, _ status: Int) {
    testDescription = name
    self.status = status
  }

  /// Changes the request.
  func with(_ change: (inout RequestCase) -> Void) -> RequestCase {
    var changed = self
    change(&changed)
    return changed
  }

  /// The request as HTTP/1.1 sends it.
  var http1: String {
    let lines =
      ["\(method) \(target) HTTP/1.1"] + hosts.map { "Host: \($0)" }
      + fields.map { "\($0.0): \($0.1)" }
      + (body.map { ["Transfer-Encoding: chunked", "", String($0.utf8.count, radix: 16), $0, "0"] }
        ?? [])
    return lines.joined(separator: "\r\n") + "\r\n\r\n"
  }

  /// The request as HTTP/2 sends it.
  var http2: [TestFrame] {
    let pseudo = [(":method", method), (":scheme", "http"), (":path", target)]
    let authority = hosts.prefix(1).map { (":authority", $0) }
    let others = hosts.dropFirst().map { ("host", $0) } + fields.map { ($0.0.lowercased(), $0.1) }
    let block = TestFrame.block(pseudo + authority + others)
    let pieces = stride(from: 0, to: block.count, by: 16_000).map {
      Array(block[$0..<min($0 + 16_000, block.count)])
    }
    let promisesBody = fields.contains { $0.0 == "Content-Length" && $0.1 != "0" }
    let end: UInt8 = body == nil && !promisesBody ? TestFrame.endStream : 0
    var frames = pieces.enumerated().map { index, piece in
      TestFrame(index == 0 ? .headers : .continuation, index == 0 ? end : 0, 1, piece)
    }
    frames[frames.count - 1].flags |= TestFrame.endHeaders
    guard let body else { return frames }
    let bytes = Array(body.utf8)
    return frames
      + stride(from: 0, through: bytes.count, by: 16_000).map { start in
        let end = min(start + 16_000, bytes.count)
        return TestFrame(
          .data, end == bytes.count ? TestFrame.endStream : 0, 1, Array(bytes[start..<end]))
      }
  }
}
