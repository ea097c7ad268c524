import NIOCore

/// What one connection may cost, in time, bytes and requests.
struct ConnectionLimits: Sendable, Hashable {
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
  var idleTime = TimeAmount.seconds(60)

  /// Bytes of a request's target.
  var targetBytes = 8 << 10
  /// Bytes of the names and values of all header fields, and of the target.
  var headBytes = 32 << 10
  /// Header fields.
  var fields = 100
  /// Bytes of one field's name and value.
  var fieldBytes = 16 << 10
  /// Bytes of a body.
  var bodyBytes = 8 << 20
  /// Bytes of chunk sizes and extensions, besides eight for each byte of the body.
  var framingBytes = 16 << 10
  /// Requests that one connection may bring; the answer to the last one says so.
  var requests = 1000
  /// Bytes that the system may hold of an answer that is not read; it doubles them for its own use.
  static let sendBufferBytes = 96 << 10

  /// Takes what the operator can set.
  init(_ configuration: ServerConfiguration = ServerConfiguration()) {
    bodyBytes = configuration.maximumBodyBytes
    idleTime = TimeAmount(configuration.idleTimeout)
  }
}
