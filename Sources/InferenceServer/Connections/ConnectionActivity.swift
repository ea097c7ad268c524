/// What a protocol handler tells the entrance, as an outbound event.
///
/// A connection of which nothing was told counts as in use as soon as it has sent something.
enum ConnectionActivity {
  /// No request is being answered, so the connection may be closed for a new one.
  case idle
  /// A request is being answered.
  case busy
  /// The connection ends at once, without goodbyes and whatever is still to be sent.
  case cut
}
