/// What is left of one worker's share of a job, in one word, so that a chunk is claimed by one atomic
/// exchange.
///
/// From the top: 22 bits for the number of the job, 21 for the end of the share, 21 for the next chunk.
/// Whoever exchanges a ticket for its successor owns the chunk; the job itself is read afterwards,
/// so it does no harm if the number of the job has come round.
struct Ticket: Equatable {
  /// The most chunks that a job has.
  static let limit = 1 << 20

  let bits: UInt64

  private static let mask: UInt64 = 1 << 21 - 1

  init(bits: UInt64) {
    self.bits = bits
  }

  /// The ticket of the job after `last`, with no chunk of the share claimed.
  init(after last: Ticket, share: Range<Int>) {
    bits =
      (last.bits >> 42 &+ 1) << 42 | UInt64(share.upperBound) << 21 | UInt64(share.lowerBound)
  }

  /// The number of the job.
  var job: UInt64 { bits >> 42 }

  /// The next chunk, or nil if all are claimed.
  var next: Int? {
    let next = bits & Self.mask
    return next < bits >> 21 & Self.mask ? Int(next) : nil
  }

  /// The ticket once the next chunk is claimed.
  var successor: Ticket { Ticket(bits: bits + 1) }
}
