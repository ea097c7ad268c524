/// What a protocol handler tells the entrance, as an outbound event.
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

/// What the entrance tells a protocol handler, as an inbound event.
enum ConnectionNotice {
  /// The connection is about to be closed because another one needs its room.
  case evicted
}
