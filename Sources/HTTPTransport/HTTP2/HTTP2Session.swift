import CNGHTTP2
import HTTPTypes
import NIOCore

/// One connection's HTTP/2: bytes go in and requests come out, answers go in and bytes come out.
///
/// The protocol itself is libnghttp2's; this decides what a client may do with it. It knows nothing
/// of sockets, and lives on one event loop.
final class HTTP2Session {
  /// The streams that are open.
  private(set) var streams: [Int32: HTTP2Stream] = [:]
  /// When the last stream ended, or the session began.
  private(set) var lastUse: NIODeadline
  /// Whether the client has confirmed that it knows of the coming end.
  private(set) var isNoticeConfirmed = false
  /// Whether the connection was given up, so that nothing that comes is looked at.
  private(set) var isTerminated = false

  private let session: OpaquePointer
  private let rules: RequestRules
  private let executor: (any TaskExecutor)?
  private let onRequest: (HTTP2Stream) -> Void
  private let backlog = Backlog()
  private var meter = FrameMeter()
  private var resets = TokenBucket(ConnectionLimits.events, per: ConnectionLimits.period)
  private var resetsTooOften = false
  private var isAnnouncing = false
  /// The time of the last call.
  private var now: NIODeadline

  /// Begins a connection, and queues what a server says first.
  ///
  /// - Parameters:
  ///   - executor: Runs the tasks that answer; nil for anywhere.
  ///   - onRequest: Called when a request's head is complete, with `hasHead` set.
  init?(
    at now: NIODeadline, rules: RequestRules, executor: (any TaskExecutor)? = nil,
    onRequest: @escaping (HTTP2Stream) -> Void
  ) {
    guard let session = SessionCallbacks.makeSession() else { return nil }
    self.session = session
    self.rules = rules
    self.executor = executor
    self.onRequest = onRequest
    self.now = now
    lastUse = now
    SessionCallbacks.attach(self, to: session)
    let settings = [
      (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, ConnectionLimits.concurrentStreams),
      (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, ConnectionLimits.streamWindow),
      (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, rules.limits.headBytes),
      (NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
    ].map { nghttp2_settings_entry(settings_id: Int32($0.rawValue), value: UInt32($1)) }
    guard nghttp2_submit_settings(session, 0, settings, settings.count) == 0,
      nghttp2_session_set_local_window_size(session, 0, 0, Int32(ConnectionLimits.connectionWindow))
        == 0
    else { return nil }
  }

  deinit { nghttp2_session_del(session) }

  /// Whether nothing more is to be read or written.
  var isOver: Bool {
    nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
  }

  /// Takes bytes from the client.
  func receive(_ bytes: UnsafeRawBufferPointer, at now: NIODeadline) {
    self.now = now
    guard !isTerminated else { return }
    if let fault = meter.fault(in: bytes, at: now) { return terminate(fault) }
    let start = bytes.bindMemory(to: UInt8.self).baseAddress
    let outcome = nghttp2_session_mem_recv(session, start, bytes.count)
    guard outcome < 0 else { return }
    switch nghttp2_error(rawValue: Int32(clamping: outcome)) {
    case NGHTTP2_ERR_FLOODED, NGHTTP2_ERR_TOO_MANY_CONTINUATIONS:
      terminate(.enhanceYourCalm)
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC:
      terminate(.protocolError)
    default:
      terminate(.internalError)
    }
  }

  /// The next bytes for the client, valid until the next call of anything; nil if there are none.
  func nextOutput(at now: NIODeadline) -> UnsafeRawBufferPointer? {
    self.now = now
    if resetsTooOften, !isTerminated { terminate(.enhanceYourCalm) }
    var bytes: UnsafePointer<UInt8>?
    let count = nghttp2_session_mem_send(session, &bytes)
    guard count > 0, let bytes else { return nil }
    return UnsafeRawBufferPointer(start: bytes, count: count)
  }

  /// Gives the connection up, telling the client why.
  func terminate(_ reason: HTTP2Reason) {
    guard !isTerminated else { return }
    isTerminated = true
    nghttp2_session_terminate_session(session, reason.rawValue)
  }

  /// Tells the client that the connection will end, while requests on their way are still taken.
  func announceEnd() {
    isAnnouncing = true
    nghttp2_submit_shutdown_notice(session)
  }

  /// Takes no further requests; the connection ends with the last answer.
  func beginEnd() {
    let last = nghttp2_session_get_last_proc_stream_id(session)
    nghttp2_submit_goaway(session, 0, last, HTTP2Reason.noError.rawValue, nil, 0)
  }

  /// Sends the head of an answer, with or without a body to follow.
  func answer(_ stream: HTTP2Stream, _ head: HTTPResponse, hasBody: Bool) {
    guard !stream.hasAnswer else { return }
    stream.hasAnswer = true
    if !hasBody { stream.end(.complete) }
    var source = nghttp2_data_provider()
    source.read_callback = SessionCallbacks.readAnswer
    var block = HeaderBlock(head)
    let outcome = block.withFields { fields, count in
      guard hasBody else {
        return nghttp2_submit_response(session, stream.id, fields, count, nil)
      }
      return nghttp2_submit_response(session, stream.id, fields, count, &source)
    }
    if outcome != 0 { reset(stream, .internalError) }
  }

  /// Lets a client that waits for permission send its body.
  func permitBody(_ stream: HTTP2Stream) {
    var block = HeaderBlock(HTTPResponse(status: .continue))
    block.withFields { fields, count in
      _ = nghttp2_submit_headers(session, 0, stream.id, nil, fields, count, nil)
    }
  }

  /// Goes on with an answer after there was nothing to send.
  func resume(_ stream: HTTP2Stream) {
    guard stream.isDeferred else { return }
    stream.isDeferred = false
    nghttp2_session_resume_data(session, stream.id)
  }

  /// Ends a stream at once.
  func reset(_ stream: HTTP2Stream, _ reason: HTTP2Reason) {
    nghttp2_submit_rst_stream(session, 0, stream.id, reason.rawValue)
  }

  /// Stops an upload that goes on after its answer was given.
  func stopUpload(_ stream: HTTP2Stream) {
    guard !stream.wasStopped else { return }
    stream.wasStopped = true
    reset(stream, .noError)
  }

  /// Lets the client send as many bytes again as were used up.
  func consume(_ count: Int, of stream: HTTP2Stream) {
    guard count > 0 else { return }
    nghttp2_session_consume(session, stream.id, count)
  }

  /// Ends all that is being done, because the client is gone.
  func abandonStreams() {
    let abandoned = streams.values
    streams = [:]
    for stream in abandoned { stream.abandon() }
  }
}

/// Callbacks of libnghttp2.
extension HTTP2Session {
  /// A client opens a stream.
  func opened(_ id: Int32) {
    meter.earn()
    streams[id] = HTTP2Stream(
      id: id, at: now, rules: rules, backlog: backlog, executor: executor)
  }

  /// A field of a request's head has come.
  func received(_ id: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    streams[id]?.head.add(name: name, value: value)
  }

  /// A piece of a body has come.
  func received(_ id: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {
    guard let stream = streams[id] else {
      nghttp2_session_consume_connection(session, bytes.count)
      return
    }
    consume(stream.receive(bytes), of: stream)
    if stream.hasSentAll, stream.isWaste { stopUpload(stream) }
  }

  /// All of a frame has come.
  func received(_ frame: nghttp2_frame) {
    let flags = UInt32(frame.hd.flags)
    switch nghttp2_frame_type(UInt32(frame.hd.type)) {
    case NGHTTP2_HEADERS, NGHTTP2_DATA:
      guard let stream = streams[frame.hd.stream_id] else { return }
      if flags & NGHTTP2_FLAG_END_STREAM.rawValue != 0 { stream.endRequest(at: now) }
      guard !stream.hasHead else { return }
      stream.endHead(at: now)
      onRequest(stream)
    case NGHTTP2_PING where flags & NGHTTP2_FLAG_ACK.rawValue != 0:
      isNoticeConfirmed = true
    default:
      break
    }
  }

  /// A frame has been handed out.
  func sent(_ frame: nghttp2_frame) {
    switch nghttp2_frame_type(UInt32(frame.hd.type)) {
    case NGHTTP2_RST_STREAM:
      meter.ended(frame.hd.stream_id)
      if resets.take(at: now) != nil { resetsTooOften = true }
    case NGHTTP2_DATA:
      meter.earn()
      endAnswer(frame)
    case NGHTTP2_HEADERS:
      endAnswer(frame)
    case NGHTTP2_GOAWAY where isAnnouncing:
      // Not before: the library sends this ahead of all else, and its answer has to mean both.
      isAnnouncing = false
      nghttp2_submit_ping(session, 0, nil)
    default:
      break
    }
  }

  /// A stream has ended.
  func closed(_ id: Int32) {
    meter.ended(id)
    guard let stream = streams.removeValue(forKey: id) else { return }
    let unread = stream.discardBody()
    if unread > 0 { nghttp2_session_consume_connection(session, unread) }
    lastUse = now
    stream.abandon()
  }

  /// Writes the next piece of an answer; returns its length or an error.
  func fill(
    _ id: Int32, _ target: UnsafeMutableRawBufferPointer, flags: UnsafeMutablePointer<UInt32>?
  ) -> Int {
    guard let stream = streams[id] else {
      return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
    }
    let count = stream.fill(target, at: now)
    guard !stream.hasUnsent else { return count }
    switch stream.ending {
    case .complete:
      flags?.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
    case .failed where count == 0:
      // The library resets the stream as one with an internal error.
      return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
    case nil where count == 0:
      stream.isDeferred = true
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    case .failed, nil:
      break
    }
    return count
  }

  /// Notes the end of an answer; what is still to come of its request may be too much.
  private func endAnswer(_ frame: nghttp2_frame) {
    guard UInt32(frame.hd.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0,
      let stream = streams[frame.hd.stream_id]
    else { return }
    stream.endAnswer(at: now)
    if !stream.hasWholeRequest, stream.isWaste { stopUpload(stream) }
  }
}

@available(*, unavailable)
extension HTTP2Session: Sendable {}
