package import NIOCore

/// The limits of one connection in time, bytes and requests, the same for HTTP/1.1 and HTTP/2.
package struct ConnectionLimits: Sendable, Hashable {
  /// How long the head of a request may take from its first byte; that of the first one, and a TLS
  /// handshake, from accepting the connection.
  var headTime = TimeAmount.seconds(10)
  /// How long a body may take, besides the time that its bytes take at the slowest rate.
  var bodyTime = TimeAmount.seconds(30)
  /// The slowest rate at which a body may arrive.
  var bodyBytesPerSecond = 1 << 20
  /// How long a client may leave an answer unread.
  var writeTime = TimeAmount.seconds(30)
  /// How long a client may take to read the last answer before the connection is cut.
  var lingerTime = TimeAmount.seconds(2)
  /// How long a connection may be silent between requests.
  package var idleTime = TimeAmount.seconds(60)

  /// Bytes of a request's target.
  var targetBytes = 8 << 10
  /// Bytes of the names and values of all header fields, and of the target.
  var headBytes = 32 << 10
  /// Header fields, `Host` among them.
  var fields = 100
  /// Bytes of one field's name and value.
  var fieldBytes = 16 << 10
  /// Bytes of a body.
  package var bodyBytes = 8 << 20
  /// Bytes that are dropped while the last answer waits to be read.
  var droppedBytes = 1 << 20
  /// Bytes that the system may hold of an answer that is not read; it doubles them for its own use.
  static let sendBufferBytes = 96 << 10

  // The limits that only HTTP/1 has.

  /// Bytes of chunk sizes and extensions, besides eight for each byte of the body.
  var framingBytes = 16 << 10
  /// Requests that one connection may bring; the answer to the last one says so.
  var requests = 1000
}

/// The limits that only HTTP/2 has.
extension ConnectionLimits {
  /// Requests that may be open at a time.
  static let concurrentStreams = 100
  /// Bytes of one body that may be on their way without having been read.
  static let streamWindow = 64 << 10
  /// Bytes of all bodies that may be on their way without having been read.
  static let connectionWindow = 1 << 20
  /// CONTINUATION frames that may follow one another.
  static let continuations = 4
  /// Streams that a client may have begun and not ended, those among them that the server has ended.
  static let unendedStreams = 512
  /// Streams that the server has ended first, on which late frames are still ignored.
  static let lateStreams = 128
  /// Ranges of stream numbers that the client left out, of which the newest are remembered.
  static let skippedRanges = 32

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
  /// The lower high-water mark of a connection with a backlog.
  static let crowdedHighWater = 4 << 10
  /// Bytes that are gathered before they are written to the socket.
  static let writeBytes = 128 << 10

  /// Bytes of a body that are thrown away after its request was answered. Clients that are stopped
  /// at once may not look at the answer.
  static let discardedBytes = 16 << 20

  /// How long a stream that is late has to end before it is looked at again.
  static let recheckTime = TimeAmount.seconds(5)
  /// How long a client may take to confirm that it knows of the coming end.
  static let noticeTime = TimeAmount.seconds(1)
}
