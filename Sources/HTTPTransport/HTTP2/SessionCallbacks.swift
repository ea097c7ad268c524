import CNGHTTP2

/// The seam between libnghttp2's callbacks and a session.
///
/// Only here does a Swift object travel as a C pointer. The pointer is not retained: a session owns
/// its C counterpart, which calls back only while one of the session's own methods is running.
enum SessionCallbacks {
  /// Copies the next piece of an answer.
  static let readAnswer: nghttp2_data_source_read_callback = {
    _, id, target, length, flags, _, user in
    let target = UnsafeMutableRawBufferPointer(start: target, count: target == nil ? 0 : length)
    return SessionCallbacks.session(user)?.fill(id, target, flags: flags)
      ?? Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
  }

  /// Makes a server's session, which has no Swift object yet; nil if memory is exhausted.
  static func makeSession() -> OpaquePointer? {
    var callbacks: OpaquePointer?
    var option: OpaquePointer?
    guard nghttp2_session_callbacks_new(&callbacks) == 0 else { return nil }
    defer { nghttp2_session_callbacks_del(callbacks) }
    guard nghttp2_option_new(&option) == 0 else { return nil }
    defer { nghttp2_option_del(option) }
    setCallbacks(callbacks)
    // Windows open as bodies are read, not as they arrive.
    nghttp2_option_set_no_auto_window_update(option, 1)
    nghttp2_option_set_no_closed_streams(option, 1)
    nghttp2_option_set_max_outbound_ack(option, ConnectionLimits.events)
    var session: OpaquePointer?
    guard nghttp2_session_server_new2(&session, callbacks, nil, option) == 0 else { return nil }
    return session
  }

  /// Lets a session hear what its C counterpart tells.
  static func attach(_ session: HTTP2Session, to pointer: OpaquePointer) {
    nghttp2_session_set_user_data(pointer, Unmanaged.passUnretained(session).toOpaque())
  }

  private static func session(_ user: UnsafeMutableRawPointer?) -> HTTP2Session? {
    user.map { Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue() }
  }

  private static func setCallbacks(_ callbacks: OpaquePointer?) {
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, user in
      if let frame, frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
        SessionCallbacks.session(user)?.opened(frame.pointee.hd.stream_id)
      }
      return 0
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, frame, name, nameCount, value, valueCount, _, user in
      // What follows a body is checked by the library, and of no use here.
      guard let frame, frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST else { return 0 }
      SessionCallbacks.session(user)?.received(
        frame.pointee.hd.stream_id, name: UnsafeBufferPointer(start: name, count: nameCount),
        value: UnsafeBufferPointer(start: value, count: valueCount))
      return 0
    }
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks) { _, _, _, _, _, _, _, _ in
      // Without this the library would only leave the field out.
      NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
      _, _, id, bytes, count, user in
      SessionCallbacks.session(user)?.received(id, UnsafeBufferPointer(start: bytes, count: count))
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
      if let frame { SessionCallbacks.session(user)?.received(frame.pointee) }
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, user in
      if let frame { SessionCallbacks.session(user)?.sent(frame.pointee) }
      return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, _, user in
      SessionCallbacks.session(user)?.closed(id)
      return 0
    }
  }
}
