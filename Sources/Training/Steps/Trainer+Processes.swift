import Collectives

extension Trainer {
  /// Has the first process receive the moments of all tensors.
  func gatherMoments() throws(ProcessGroupError) {
    guard group.size > 1 else { return }
    for moments in [optimizer.first, optimizer.second] {
      var sent = none
      if !group.isFirst { sent[0] = ownership.elements[group.rank] }
      try move(moments, sent, group.isFirst ? [0..<0] + ownership.elements.dropFirst() : none)
    }
  }

  /// Has each process receive the values and the moments that it needs, of which the first one has all.
  func scatterState() throws(ProcessGroupError) {
    guard group.size > 1 else { return }
    try group.gather(Parts(stepped.base, group.firstAlone(stepped.count)))
    for moments in [optimizer.first, optimizer.second] {
      var received = none
      if !group.isFirst { received[0] = ownership.elements[group.rank] }
      try move(moments, group.isFirst ? [0..<0] + ownership.elements.dropFirst() : none, received)
    }
  }

  /// Parts that are empty.
  private var none: [Range<Int>] { [Range<Int>](repeating: 0..<0, count: group.size) }

  /// Sends parts of a buffer, or receives them: no process does both.
  private func move(
    _ buffer: FloatBuffer, _ sent: [Range<Int>], _ received: [Range<Int>]
  ) throws(ProcessGroupError) {
    // What a process does not use must be memory nevertheless, and other than what it uses.
    let other = UnsafeMutablePointer<Float>.allocate(capacity: 1)
    defer { other.deallocate() }
    let sends = sent.contains { !$0.isEmpty }
    try group.exchange(
      Parts(UnsafePointer(sends ? buffer.base : other), sent),
      into: Parts(sends ? other : buffer.base, received))
  }
}
