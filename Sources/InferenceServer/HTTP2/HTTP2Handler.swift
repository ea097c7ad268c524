import HTTPTypes
import Hummingbird
import NIOCore

/// Connects an HTTP/2 session with its socket, its requests with the routes, and both with time.
final class HTTP2Handler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Bytes that are thrown away while the last ones wait to be read by the client.
  private static let longestFarewell = 1 << 20

  private let responder: RequestResponder
  private let configuration: ServerConfiguration
  private let executor: (any TaskExecutor)?
  private let ended: EventLoopPromise<Void>
  private var context: ChannelHandlerContext?
  private var session: HTTP2Session?
  private var runningTasks = 0
  private var isGone = false
  private var isFlushing = false
  private var willFlush = false
  /// Whether the connection was told to be idle.
  private var isIdle = false
  /// Bytes that were thrown away since the connection began to close; nil before.
  private var thrownAway: Int?
  /// Whether the coming end was announced, and then begun.
  private var shutdown: (isAnnounced: Bool, hasBegun: Bool) = (false, false)
  private var timer: (due: NIODeadline, task: Scheduled<Void>)?
  private var lastWritable = NIODeadline.now()

  /// Waits for the connection to begin.
  ///
  /// - Parameters:
  ///   - executor: Runs the tasks that answer; nil for anywhere.
  ///   - ended: Succeeds when the connection is closed and the last request's task has ended.
  init(
    responder: RequestResponder, configuration: ServerConfiguration,
    executor: (any TaskExecutor)?, ended: EventLoopPromise<Void>
  ) {
    self.responder = responder
    self.configuration = configuration
    self.executor = executor
    self.ended = ended
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    let now = context.eventLoop.now
    lastWritable = now
    session = HTTP2Session(at: now, executor: executor) { [weak self] in self?.begin($0) }
    guard session != nil else { return context.close(promise: nil) }
    wake(at: now + TimeAmount(configuration.idleTimeout))
    flush()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    leave()
    self.context = nil
    session = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    if let thrownAway {
      self.thrownAway = thrownAway + bytes.readableBytes
      if thrownAway > Self.longestFarewell { context.close(promise: nil) }
      return
    }
    guard let session else { return }
    let now = context.eventLoop.now
    bytes.withUnsafeReadableBytes { session.receive($0, at: now) }
    if !session.streams.isEmpty { wake(at: now + HTTP2Limits.sweepInterval) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if shutdown.isAnnounced, session?.isNoticeConfirmed ?? false { beginEnd() }
    flush()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
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

/// What the tasks that answer requests ask for.
extension HTTP2Handler {
  /// Sends a piece of an answer.
  func send(
    _ id: Int32, _ head: HTTPResponse?, _ body: ByteBuffer?, ending: HTTP2Stream.Ending?
  ) {
    guard let session, let context, let stream = session.streams[id] else { return }
    if let body { stream.append(body, at: context.eventLoop.now) }
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
    guard let head = stream.head.request else { return refuse(stream) }
    if awaitsPermission(head), !stream.hasWholeRequest { session.permitBody(stream) }
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

  /// Answers a head that is no request, which no route ever sees.
  private func refuse(_ stream: HTTP2Stream) {
    guard let refusal = stream.head.fault?.refusal else {
      session?.reset(stream, .protocolError)
      return
    }
    let (head, body) = responder.refusal(refusal)
    try? stream.gate.add(body.readableBytes)
    send(stream.id, head, body, ending: .complete)
  }

  private func awaitsPermission(_ head: HTTPRequest) -> Bool {
    guard head.headerFields[.expect]?.lowercased() == "100-continue" else { return false }
    let length = head.headerFields[.contentLength].flatMap { Int($0) } ?? 0
    return length <= configuration.maximumBodyBytes
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
    guard let context, let session, !isFlushing, thrownAway == nil else { return }
    isFlushing = true
    while context.channel.isWritable, let bytes = gather(session, context) {
      context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }
    isFlushing = false
    tellActivity(session, context)
    if session.isOver || session.isTerminated { close(context) }
  }

  /// Lets the connection make room for others while no stream is open.
  private func tellActivity(_ session: HTTP2Session, _ context: ChannelHandlerContext) {
    guard session.streams.isEmpty != isIdle else { return }
    isIdle.toggle()
    let activity = isIdle ? ConnectionActivity.idle : .busy
    context.triggerUserOutboundEvent(activity, promise: nil)
  }

  /// The next bytes to write, as many as make a good piece.
  private func gather(_ session: HTTP2Session, _ context: ChannelHandlerContext) -> ByteBuffer? {
    let now = context.eventLoop.now
    guard let first = session.nextOutput(at: now) else { return nil }
    var bytes = context.channel.allocator.buffer(capacity: max(2048, first.count))
    bytes.writeBytes(first)
    while bytes.readableBytes < HTTP2Limits.writeBytes, let next = session.nextOutput(at: now) {
      bytes.writeBytes(next)
    }
    return bytes
  }

  /// Says goodbye before hanging up: closing at once could destroy the last bytes while the client
  /// still sends.
  private func close(_ context: ChannelHandlerContext) {
    guard thrownAway == nil else { return }
    thrownAway = 0
    session?.abandonStreams()
    timer?.task.cancel()
    let channel = context.channel
    let halfClosed = context.eventLoop.makePromise(of: Void.self)
    halfClosed.futureResult.whenFailure { _ in channel.close(promise: nil) }
    context.close(mode: .output, promise: halfClosed)
    context.eventLoop.scheduleTask(in: HTTP2Limits.linger) { channel.close(promise: nil) }
  }

  /// The connection is gone, however that came about.
  private func leave() {
    isGone = true
    timer?.task.cancel()
    timer = nil
    thrownAway = thrownAway ?? 0
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
    context.eventLoop.assumeIsolated().scheduleTask(in: HTTP2Limits.noticeDeadline) { [weak self] in
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
    guard let context, thrownAway == nil, timer.map({ due < $0.due }) ?? true else { return }
    timer?.task.cancel()
    let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
      self?.timer = nil
      self?.wakeUp()
    }
    timer = (due, task)
  }

  private func wakeUp() {
    guard let context, let session, thrownAway == nil else { return }
    let now = context.eventLoop.now
    if context.channel.isWritable { lastWritable = now }
    guard now - lastWritable < HTTP2Limits.stallDeadline else { return context.close(promise: nil) }
    for stream in session.streams.values { keepTime(of: stream, session, now) }
    let idleEnd = session.lastUse + TimeAmount(configuration.idleTimeout)
    if !session.streams.isEmpty {
      wake(at: now + HTTP2Limits.sweepInterval)
    } else if now < idleEnd {
      wake(at: idleEnd)
    } else {
      session.terminate(.noError)
    }
    flush()
  }

  private func keepTime(of stream: HTTP2Stream, _ session: HTTP2Session, _ now: NIODeadline) {
    if !stream.hasHead {
      if now >= stream.opened + HTTP2Limits.headDeadline { session.terminate(.enhanceYourCalm) }
    } else if stream.hasUnsent, now >= stream.lastProgress + HTTP2Limits.stallDeadline {
      session.reset(stream, .cancel)
    } else if stream.hasWholeRequest || now < stream.bodyDeadline {
      return
    } else if stream.hasSentAll {
      session.stopUpload(stream)
    } else {
      stream.failReading(APIError.bodyTooSlow)
    }
  }
}

@available(*, unavailable)
extension HTTP2Handler: Sendable {}
