import Testing

@testable import HTTPTransport

@Suite("Streams that a client has begun and ended")
struct ClientStreamsTests {
  /// What a client does with one stream.
  private enum Step {
    case head(Int32, ends: Bool)
    case data(Int32, ends: Bool)
    case reset(Int32)
    /// The server ends the stream before the client does.
    case server(Int32)
  }

  /// What is wrong with the last of some steps; nil if nothing is, or an earlier one is wrong.
  private func fault(_ steps: [Step]) -> HTTP2Reason? {
    var streams = ClientStreams()
    var faults: [HTTP2Reason?] = []
    for step in steps {
      switch step {
      case .head(let id, let ends): faults.append(streams.fault(ofHead: true, on: id, ending: ends))
      case .data(let id, let ends):
        faults.append(streams.fault(ofHead: false, on: id, ending: ends))
      case .reset(let id): streams.reset(id)
      case .server(let id): streams.endedByServer(id)
      }
    }
    #expect(faults.dropLast().allSatisfy { $0 == nil })
    return faults.last ?? nil
  }

  @Test("A body and its trailers are fine, and what follows the end is not")
  func ended() {
    let upload: [Step] = [.head(1, ends: false), .data(1, ends: false)]
    #expect(fault(upload + [.head(1, ends: true)]) == nil)
    #expect(fault(upload + [.head(1, ends: true), .data(1, ends: true)]) == .streamClosed)
    #expect(fault(upload + [.data(1, ends: true), .data(1, ends: false)]) == .streamClosed)
    #expect(fault(upload + [.data(1, ends: true), .head(1, ends: true)]) == .streamClosed)
    #expect(
      fault([.head(1, ends: true), .head(3, ends: true), .data(1, ends: true)]) == .streamClosed)
  }

  @Test("A reset ends a stream like the end of a request")
  func reset() {
    #expect(fault([.head(1, ends: false), .reset(1), .data(1, ends: false)]) == .streamClosed)
    #expect(fault([.head(1, ends: false), .reset(1), .head(1, ends: true)]) == .streamClosed)
  }

  @Test("What is late on a stream that the server has ended is ignored, up to the client's own end")
  func late() {
    let cut: [Step] = [.head(1, ends: false), .server(1)]
    #expect(fault(cut + [.data(1, ends: false), .data(1, ends: true)]) == nil)
    #expect(fault(cut + [.data(1, ends: true), .data(1, ends: false)]) == .streamClosed)
    #expect(fault(cut + [.reset(1), .data(1, ends: false)]) == .streamClosed)
  }

  @Test("A number that was left out begins no stream")
  func skipped() {
    #expect(fault([.head(5, ends: true), .head(3, ends: true)]) == .protocolError)
    #expect(fault([.head(5, ends: true), .head(1, ends: true)]) == .protocolError)
    #expect(fault([.head(5, ends: true), .data(3, ends: true)]) == .streamClosed)
    #expect(
      fault([.head(1, ends: true), .head(3, ends: true), .head(1, ends: true)]) == .streamClosed)
  }

  @Test("What is not a client's stream, or has not begun, is the library's to judge")
  func others() {
    #expect(fault([.data(0, ends: true)]) == nil)
    #expect(fault([.head(2, ends: true)]) == nil)
    #expect(fault([.data(1, ends: true)]) == nil)
    #expect(fault([.head(.max, ends: true)]) == nil)
  }

  @Test("No more is remembered than so much, however long a connection lives")
  func bounds() {
    var streams = ClientStreams()
    for number in 0..<Int32(ConnectionLimits.unendedStreams) {
      #expect(streams.fault(ofHead: true, on: 2 * number + 1, ending: false) == nil)
    }
    let last = Int32(2 * ConnectionLimits.unendedStreams + 1)
    #expect(streams.fault(ofHead: true, on: last, ending: false) == .enhanceYourCalm)

    var many = ClientStreams()
    for number in Int32(1)...10_000 {
      #expect(many.fault(ofHead: true, on: 4 * number + 1, ending: false) == nil)
      many.endedByServer(4 * number + 1)
    }
    #expect(many.fault(ofHead: false, on: 39_997, ending: false) == nil)
    #expect(many.fault(ofHead: false, on: 5, ending: false) == .streamClosed)
  }
}
