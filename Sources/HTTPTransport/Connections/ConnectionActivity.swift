/// An outbound event from a protocol handler to the entrance: whether the connection is in use.
///
/// A connection of which nothing was told is idle: it has sent no whole head of a request.
enum ConnectionActivity {
  /// No request is being answered, so the connection may be closed for a new one.
  case idle
  /// A request is being answered.
  case busy
  /// The connection ends at once, without a last word and whatever is still to be sent.
  case aborted
}

/// An inbound event from the entrance to a protocol handler.
enum ConnectionNotice {
  /// The connection is about to be closed because another one needs its room.
  case evicted
}
