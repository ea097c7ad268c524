/// Remembers which streams a client has begun and ended, so that frames on ended ones are noticed.
///
/// The library forgets a stream when it ends. What is kept here is bounded: streams that the client has
/// not ended, a few of those that the server has ended first, and numbers that were left out.
struct ClientStreams {
  private var last: Int32 = 0
  /// Streams that the client has begun and not ended.
  private var unended: Set<Int32> = []
  /// Streams that the server has ended first, on which the client may not know it yet.
  private var late: [Int32] = []
  /// Numbers that the client left out, the newest last.
  private var skipped: [ClosedRange<Int32>] = []

  /// Takes note of a header block or of data; tells why the connection has to end, if it has.
  mutating func fault(ofHead isHead: Bool, on id: Int32, ending: Bool) -> HTTP2Reason? {
    // What is no client's stream, or not one yet, is the library's to judge.
    guard id % 2 == 1, isHead || id <= last else { return nil }
    guard id <= last else { return begin(id, ending: ending) }
    if unended.contains(id) {
      if ending { unended.remove(id) }
    } else if let index = late.firstIndex(of: id) {
      if ending { late.remove(at: index) }
    } else {
      return isHead && skipped.contains { $0.contains(id) } ? .protocolError : .streamClosed
    }
    return nil
  }

  /// Takes note of the client's reset of a stream.
  mutating func reset(_ id: Int32) {
    unended.remove(id)
    late.removeAll { $0 == id }
  }

  /// Takes note of a stream's end at the server, of which the client may not know yet.
  mutating func endedByServer(_ id: Int32) {
    guard unended.remove(id) != nil else { return }
    late.append(id)
    if late.count > ConnectionLimits.lateStreams { late.removeFirst() }
  }

  private mutating func begin(_ id: Int32, ending: Bool) -> HTTP2Reason? {
    if id - last > 2 {
      skipped.append(last + 1...id - 1)
      if skipped.count > ConnectionLimits.skippedRanges { skipped.removeFirst() }
    }
    last = id
    if !ending { unended.insert(id) }
    return unended.count > ConnectionLimits.unendedStreams ? .enhanceYourCalm : nil
  }
}
