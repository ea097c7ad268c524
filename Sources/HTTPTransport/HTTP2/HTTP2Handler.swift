import HTTPTypes
import Hummingbird
import NIOCore

/// Connects an HTTP/2 session with its socket, its requests with the routes, and both with time.
final class HTTP2Handler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let responder: RequestResponder
  private let rules: RequestRules
  private let refusals: Refusals
  private let executor: (any TaskExecutor)?
  private let ended: EventLoopPromise<Void>
  private var context: ChannelHandlerContext?
  private var session: HTTP2Session?
  private var runningTasks = 0
  private var isGone = false
  private var isFlushing = false
  private var willFlush = false
  /// Whether the entrance takes the connection for idle.
  private var isIdle = true
  private var lingering: LingeringClose?
  /// Whether the coming end was announced, and then begun.
  private var shutdown: (isAnnounced: Bool, hasBegun: Bool) = (false, false)
  private var timer: (due: NIODeadline, task: Scheduled<Void>)?
  /// Since when the socket is not writable; nil while it is.
  private var unwritableSince: NIODeadline?
  /// Whether the connection has had a request beyond the limits.
  private var hasRestricted = false

  /// Waits for the connection to begin.
  ///
  /// - Parameters:
  ///   - executor: Runs the tasks that answer; nil for anywhere.
  ///   - ended: Succeeds when the connection is closed and the last request's task has ended.
  init(
    responder: RequestResponder, rules: RequestRules, refusals: Refusals,
    executor: (any TaskExecutor)?, ended: EventLoopPromise<Void>
  ) {
    self.responder = responder
    self.rules = rules
    self.refusals = refusals
    self.executor = executor
    self.ended = ended
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    lingering = LingeringClose(context, rules: rules)
    let now = context.eventLoop.now
    session = HTTP2Session(at: now, rules: rules, executor: executor) { [weak self] in
      self?.begin($0)
    }
    guard session != nil else { return context.close(promise: nil) }
    wake(at: now + rules.limits.idleTime)
    flush()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    leave()
    self.context = nil
    session = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    guard !isClosing else {
      lingering?.drop(bytes.readableBytes)
      return
    }
    guard let session else { return }
    let now = context.eventLoop.now
    bytes.withUnsafeReadableBytes { session.receive($0, at: now) }
    // No stream that has just been opened has to be looked at sooner.
    if !session.streams.isEmpty { wake(at: now + rules.limits.headTime) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if shutdown.isAnnounced, session?.isNoticeConfirmed ?? false { beginEnd() }
    flush()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    unwritableSince = context.channel.isWritable ? nil : context.eventLoop.now
    if let unwritableSince { wake(at: unwritableSince + rules.limits.writeTime) }
    flush()
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    leave()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent {
      announceEnd()
    } else if event is ConnectionNotice {
      session?.terminate(.noError)
      flush()
    } else if event as? ChannelEvent == .inputClosed {
      // Nobody speaks HTTP/2 without listening and talking: windows must open, ends be confirmed.
      context.close(promise: nil)
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}

/// Calls of the tasks that answer requests.
extension HTTP2Handler {
  /// Sends a piece of an answer.
  func send(
    _ id: Int32, _ head: HTTPResponse?, _ body: ByteBuffer?, ending: HTTP2Stream.Ending?
  ) {
    guard let session, let context, let stream = session.streams[id] else { return }
    if let body {
      let now = context.eventLoop.now
      stream.append(body, at: now)
      wake(at: now + rules.limits.writeTime)
    }
    if let ending { stream.end(ending) }
    if let head {
      session.answer(stream, head, hasBody: stream.hasUnsent || stream.ending != .complete)
    } else if stream.hasAnswer {
      session.resume(stream)
    } else if ending == .failed {
      session.reset(stream, .internalError)
    }
    if ending != nil { session.consume(stream.discardBody(), of: stream) }
    flushSoon()
  }

  /// Hands over the next piece of a request's body.
  func read(_ id: Int32, _ continuation: CheckedContinuation<ByteBuffer?, any Error>) {
    guard let session, let stream = session.streams[id] else {
      return continuation.resume(throwing: ClientConnection.Gone())
    }
    session.consume(stream.read(continuation), of: stream)
    flushSoon()
  }

  /// Ends the reading of a request's body.
  func failReading(_ id: Int32, _ error: any Error) {
    session?.streams[id]?.failReading(error)
  }

  /// Puts away what a task has left; an answer without an end has failed.
  func taskEnded(_ id: Int32) {
    runningTasks -= 1
    if session?.streams[id]?.ending == nil { send(id, nil, nil, ending: .failed) }
    reportEnd()
  }
}

/// Requests.
extension HTTP2Handler {
  /// Begins to answer a request whose head has come.
  private func begin(_ stream: HTTP2Stream) {
    guard let session, let context else { return }
    if rules.restriction != nil { hasRestricted = true }
    guard let head = stream.head.request else { return refuse(stream) }
    if stream.head.check.expectsPermission, !stream.hasWholeRequest { session.permitBody(stream) }
    let handle = StreamHandle(stream, of: self, on: context.eventLoop)
    let body =
      stream.hasWholeRequest
      ? RequestBody(buffer: ByteBuffer())
      : RequestBody(asyncSequence: HTTP2RequestBody(stream: handle))
    let request = Request(head: head, body: body)
    runningTasks += 1
    stream.task = Task(executorPreference: stream.client.executor) {
      [responder, channel = context.channel] in
      await handle.answer(request, with: responder, on: channel)
    }
  }

  /// Answers a head that is no request, or breaks a rule, which no route ever sees.
  private func refuse(_ stream: HTTP2Stream) {
    guard !stream.head.isMalformed, let refusal = stream.head.check.refusal else {
      session?.reset(stream, .protocolError)
      return
    }
    let (head, body) = refusals.answer(refusal)
    try? stream.gate.add(body.readableBytes)
    send(stream.id, head, body, ending: .complete)
  }
}

/// Bytes out, and the end.
extension HTTP2Handler {
  /// Writes soon what is to be sent, together with what else comes up until then.
  private func flushSoon() {
    guard !willFlush, let context else { return }
    willFlush = true
    context.eventLoop.assumeIsolated().execute { [self] in
      willFlush = false
      flush()
    }
  }

  private func flush() {
    guard let context, let session, !isFlushing, !isClosing else { return }
    isFlushing = true
    while context.channel.isWritable, let bytes = gather(session, context) {
      context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }
    isFlushing = false
    if hasRestricted, session.streams.isEmpty, !session.isTerminated {
      // Whatever comes next may find room on another connection.
      session.terminate(.noError)
      return flush()
    }
    tellActivity(session, context)
    if session.isOver || session.isTerminated { close() }
  }

  /// Lets the connection make room for others while no stream is open.
  private func tellActivity(_ session: HTTP2Session, _ context: ChannelHandlerContext) {
    guard session.streams.isEmpty != isIdle else { return }
    isIdle.toggle()
    let activity = isIdle ? ConnectionActivity.idle : .busy
    context.triggerUserOutboundEvent(activity, promise: nil)
    if isIdle { wake(at: session.lastUse + rules.limits.idleTime) }
  }

  /// The next bytes to write, as many as make a good piece.
  private func gather(_ session: HTTP2Session, _ context: ChannelHandlerContext) -> ByteBuffer? {
    let now = context.eventLoop.now
    guard let first = session.nextOutput(at: now) else { return nil }
    var bytes = context.channel.allocator.buffer(capacity: max(2048, first.count))
    bytes.writeBytes(first)
    while bytes.readableBytes < ConnectionLimits.writeBytes, let next = session.nextOutput(at: now)
    {
      bytes.writeBytes(next)
    }
    return bytes
  }

  private var isClosing: Bool { lingering?.hasBegun ?? true }

  private func close() {
    session?.abandonStreams()
    timer?.task.cancel()
    lingering?.begin()
  }

  /// The connection is gone, however that came about.
  private func leave() {
    isGone = true
    timer?.task.cancel()
    timer = nil
    lingering?.end()
    session?.abandonStreams()
    reportEnd()
  }

  private func reportEnd() {
    if isGone, runningTasks == 0 { ended.succeed() }
  }

  /// Begins to shut down, in two steps so that no request on its way is lost.
  private func announceEnd() {
    guard let context, let session, !shutdown.isAnnounced else { return }
    shutdown.isAnnounced = true
    session.announceEnd()
    context.eventLoop.assumeIsolated().scheduleTask(in: ConnectionLimits.noticeTime) {
      [weak self] in
      self?.beginEnd()
      self?.flush()
    }
    flush()
  }

  private func beginEnd() {
    guard !shutdown.hasBegun else { return }
    shutdown.hasBegun = true
    session?.beginEnd()
  }
}

/// Time.
extension HTTP2Handler {
  /// Makes sure that the connection is looked at no later than at a given time.
  private func wake(at due: NIODeadline) {
    guard let context, !isClosing, timer.map({ due < $0.due }) ?? true else { return }
    timer?.task.cancel()
    let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
      self?.timer = nil
      self?.wakeUp()
    }
    timer = (due, task)
  }

  private func wakeUp() {
    guard let context, let session, !isClosing else { return }
    let now = context.eventLoop.now
    if let unwritableSince, now >= unwritableSince + rules.limits.writeTime {
      lingering?.abort()
      return
    }
    var next = unwritableSince.map { $0 + rules.limits.writeTime }
    for stream in session.streams.values {
      guard let deadline = stream.deadline else { continue }
      var due = deadline.time
      if due <= now {
        expire(stream, deadline.lateness, session)
        due = now + ConnectionLimits.recheckTime
      }
      next = min(next ?? due, due)
    }
    if session.streams.isEmpty {
      let idleEnd = session.lastUse + rules.limits.idleTime
      if idleEnd <= now { session.terminate(.noError) }
      next = min(next ?? idleEnd, idleEnd)
    }
    if let next { wake(at: next) }
    flush()
  }

  private func expire(
    _ stream: HTTP2Stream, _ lateness: HTTP2Stream.Lateness, _ session: HTTP2Session
  ) {
    switch lateness {
    // Without the rest of the head, nothing that follows can be decoded.
    case .head: session.terminate(.enhanceYourCalm)
    case .reading: session.reset(stream, .cancel)
    case .body where stream.hasSentAll: session.stopUpload(stream)
    case .body: stream.failReading(RequestRefusal.bodyTooSlow)
    }
  }
}

@available(*, unavailable)
extension HTTP2Handler: Sendable {}
