import NIOCore

/// How much of one HTTP/2 connection a client may take up.
enum HTTP2Limits {
  /// Requests that may be open at a time.
  static let concurrentStreams = 100
  /// Bytes of one body that may be on their way without having been read.
  static let streamWindow = 64 << 10
  /// Bytes of all bodies that may be on their way without having been read.
  static let connectionWindow = 1 << 20
  /// Bytes of a request's header fields, each counted with 32 more as the protocol does.
  static let headerListBytes = 32 << 10
  /// Header fields of a request, besides those that begin with a colon.
  static let headerFields = 100
  /// Bytes of one header field, name and value.
  static let fieldBytes = 16 << 10
  /// Bytes of the address that is asked for.
  static let targetBytes = 8 << 10
  /// CONTINUATION frames that may follow one another.
  static let continuations = 4

  /// Events of one kind that a client may cause at once, and again in each period.
  static let events = 100
  /// The period.
  static let period = TimeAmount.seconds(30)
  /// Control frames that each stream and each frame of data pays for; clients acknowledge both.
  static let controlFramesEarned = 4
  /// Control frames that may be saved up.
  static let controlFramesSaved = 1000

  /// Bytes of an answer that may wait before its writer does.
  static let highWater = 64 << 10
  /// Bytes of an answer that may be left when its writer goes on.
  static let lowWater = 16 << 10
  /// Bytes of all answers of a connection that may wait before each may have fewer.
  static let backlogBytes = 512 << 10
  /// Those fewer bytes.
  static let crowdedHighWater = 4 << 10
  /// Bytes that are gathered before they are written to the socket.
  static let writeBytes = 128 << 10

  /// Bytes of a body that are thrown away after its request was answered. Clients that are stopped
  /// at once may not look at the answer.
  static let discardedBytes = 16 << 20

  /// How long a client may take to begin speaking.
  static let prefaceDeadline = TimeAmount.seconds(10)
  /// How long a request's header may take to arrive.
  static let headDeadline = TimeAmount.seconds(10)
  /// How long a body may take to arrive, apart from the time that its bytes pay for.
  static let bodyDeadline = TimeAmount.seconds(30)
  /// Bytes of a body that pay for a second.
  static let bodyBytesPerSecond = 1 << 20
  /// How long a client may leave an answer unread.
  static let stallDeadline = TimeAmount.seconds(30)
  /// How often open streams are looked at for the deadlines above.
  static let sweepInterval = TimeAmount.seconds(5)
  /// How long a client may take to confirm that it knows of the coming end.
  static let noticeDeadline = TimeAmount.seconds(1)
  /// How long a client may take to read the last bytes before the connection is cut.
  static let linger = TimeAmount.seconds(2)
}
