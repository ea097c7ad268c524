import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOTLS

/// Watches one HTTP/1 connection: keeps a slow client to its time, refuses what breaks a rule, notices a
/// client that leaves, lets large bodies begin, and closes cleanly.
///
/// It runs on the connection's event loop and sees requests and responses in their order.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private let client: ClientConnection
  private let rules: RequestRules
  private let refusals: Refusals
  private var context: ChannelHandlerContext?
  private var ending: LingeringClose?

  private var pace: RequestPace
  private var line = RequestLine()
  /// Requests that were let in, over the whole life of the connection.
  private var requests = 0
  /// Requests that were let in and whose answer is not complete.
  private var openRequests = 0
  /// Bytes of the body that is being read, and of what surrounds its pieces.
  private var bodyBytes = 0
  private var framingBytes = 0
  /// Whether the client waits for permission to send the body that is due.
  private var owesPermission = false
  /// Whether the last head was of a client that may not know chunks.
  private var isOldClient = false
  /// Whether no request follows the ones that were let in.
  private var isLast = false
  /// Whether what still arrives is dropped.
  private var ignoresInput = false

  /// Whether the head of the answer that is due has been sent.
  private var hasSentHead = false
  /// Whether the connection ends with the answer that is being sent.
  private var closesAfterAnswer = false
  /// An answer that ends the connection, and the answers that go first.
  private var refusal: (refusal: RequestRefusal, after: Int)?

  private var paceTimer: (due: NIODeadline, task: Scheduled<Void>)?
  private var writeTimer: Scheduled<Void>?
  private var presenceTimer: Scheduled<Void>?

  /// Watches on behalf of a connection that was accepted at a time.
  init(
    _ client: ClientConnection, rules: RequestRules, refusals: Refusals, at now: NIODeadline
  ) {
    self.client = client
    self.rules = rules
    self.refusals = refusals
    pace = RequestPace(rules, at: now)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    ending = LingeringClose(context, rules: rules)
    schedulePaceTimer()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    for timer in [paceTimer?.task, writeTimer, presenceTimer] { timer?.cancel() }
    ending?.end()
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    client.markGone()
    context.fireChannelInactive()
  }

  private var isClosing: Bool { ending?.hasBegun ?? true }
}

// MARK: - What the client sends

extension ConnectionHandler {
  /// Takes note of bytes that are about to be decoded; false if they are to be dropped.
  func willDecode(_ bytes: ByteBuffer) -> Bool {
    guard !isClosing else {
      ending?.drop(bytes.readableBytes)
      return false
    }
    let isFirst = pace.reading == .nothing
    if isFirst {
      // Some clients send a stray end of line after a body.
      guard bytes.readableBytesView.contains(where: { $0 != 0x0D && $0 != 0x0A }) else {
        return true
      }
      pace.begin(at: now)
      schedulePaceTimer()
    }
    if pace.reading == .head { line.append(bytes.readableBytesView, isFirst: isFirst) }
    framingBytes += bytes.readableBytes
    return true
  }

  /// Takes note of bytes that have been decoded.
  func didDecode() {
    guard pace.reading == .body, !ignoresInput, let context else {
      framingBytes = 0
      return
    }
    if framingBytes - bodyBytes > rules.limits.framingBytes + 8 * bodyBytes {
      refuse(.noHTTP, context)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !ignoresInput else { return }
    switch unwrapInboundIn(data) {
    case .head(let head): receive(head, data, context)
    case .body(let bytes):
      pace.takeBody(bytes: bytes.readableBytes)
      bodyBytes += bytes.readableBytes
      if bodyBytes > rules.limits.bodyBytes {
        refuse(.bodyTooLarge(limit: rules.limits.bodyBytes), context)
      } else {
        context.fireChannelRead(data)
      }
    case .end:
      pace.takeEnd(at: now)
      ignoresInput = isLast
      context.fireChannelRead(data)
    }
    schedulePaceTimer()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ChannelShouldQuiesceEvent: drain(context)
    case is ConnectionNotice:
      if pace.reading == .head { refuse(.evicted, context) }
    case TLSUserEvent.handshakeCompleted:
      pace.restart(at: now)
      schedulePaceTimer()
    case ChannelEvent.inputClosed: checkPresence()
    default: break
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
    guard !ignoresInput else { return }
    refuse(RequestRefusal(error, line: line, limits: rules.limits), context)
  }

  private func receive(_ head: HTTPRequestHead, _ data: NIOAny, _ context: ChannelHandlerContext) {
    do {
      owesPermission = try rules.check(head).expectsPermission && head.version == .http1_1
    } catch {
      return refuse(error, context)
    }
    pace.takeHead(at: now)
    requests += 1
    openRequests += 1
    (bodyBytes, framingBytes) = (0, 0)
    isOldClient = head.version == .http1_0
    // The decoder stops at a request to change the protocol, which no route grants.
    isLast =
      isLast || !head.isKeepAlive || requests >= rules.limits.requests
      || rules.restriction != nil || head.headers.contains(name: "Upgrade")
    report(.busy)
    permitBody(context)
    context.fireChannelRead(data)
  }

  /// Lets the client send a body, once the answer to it is due.
  private func permitBody(_ context: ChannelHandlerContext) {
    guard owesPermission, openRequests == 1, !hasSentHead else { return }
    owesPermission = false
    sendContinue(context)
  }

  private func sendContinue(_ context: ChannelHandlerContext) {
    let head = HTTPResponseHead(version: .http1_1, status: .continue)
    context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
  }

  /// Finds out whether a client that ended its input is still there.
  ///
  /// The end of input may mean that the client has left, or only that it has said all. An interim
  /// response tells: a client that has left answers with a reset, the other ignores it. A client that
  /// stays may leave later, of which nothing is sent: so it is asked again, ever more rarely.
  private func checkPresence(pause: TimeAmount = .seconds(1)) {
    presenceTimer = nil
    guard openRequests > 0, !hasSentHead, !isClosing, let context else { return }
    sendContinue(context)
    presenceTimer = after(pause) { $0.checkPresence(pause: min(pause + pause, .seconds(16))) }
  }

  private func drain(_ context: ChannelHandlerContext) {
    guard !isClosing else { return }
    guard openRequests > 0 else { return context.close(promise: nil) }
    isLast = true
    if pace.reading != .body { ignoresInput = true }
  }
}

// MARK: - What is answered

extension ConnectionHandler {
  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard !isClosing else {
      promise?.fail(ChannelError.outputClosed)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(var head):
      hasSentHead = true
      prepare(&head)
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body:
      context.write(data, promise: promise)
    case .end:
      context.write(data, promise: promise)
      endAnswer(context)
    }
  }

  /// Says in a head whether the connection ends with its answer.
  private func prepare(_ head: inout HTTPResponseHead) {
    closesAfterAnswer = head.headers[canonicalForm: "Connection"].contains { $0 == "close" }
    if isOldClient, openRequests == 1 {
      head = HTTPResponseHead(version: .http1_0, status: head.status, headers: head.headers)
      // What has no length ends with the connection.
      if head.headers.contains(name: "Content-Length"), !isLast {
        head.headers.replaceOrAdd(name: "Connection", value: "keep-alive")
        return
      }
      isLast = true
    }
    guard isLast, openRequests == 1 else { return }
    closesAfterAnswer = true
    head.headers.replaceOrAdd(name: "Connection", value: "close")
  }

  private func endAnswer(_ context: ChannelHandlerContext) {
    openRequests -= 1
    hasSentHead = false
    pace.answer(at: now)
    refusal?.after -= 1
    if closesAfterAnswer || (isLast && openRequests == 0) {
      close()
    } else if refusal != nil {
      sendRefusal(context)
    } else {
      permitBody(context)
      if openRequests == 0 { report(.idle) }
      schedulePaceTimer()
    }
  }

  /// Answers what no route is to see, or to see more of, when its turn has come.
  private func refuse(_ reason: RequestRefusal, _ context: ChannelHandlerContext) {
    guard !isClosing, refusal == nil else { return }
    ignoresInput = true
    let wasLetIn = pace.reading == .body
    let after = max(0, openRequests - (wasLetIn ? 1 : 0))
    if wasLetIn, after == 0, hasSentHead || openRequests == 0 {
      // The answer has begun, or was complete before the body: nothing can be added to it.
      if openRequests == 0 { close() } else { closesAfterAnswer = true }
    } else {
      refusal = (reason, after)
      sendRefusal(context)
    }
    // The route that reads the body must not take a part for the whole.
    if wasLetIn { context.fireErrorCaught(HTTPParserError.invalidEOFState) }
  }

  private func sendRefusal(_ context: ChannelHandlerContext) {
    guard let refusal, refusal.after <= 0, !isClosing else { return }
    let (head, body) = refusals.answer(refusal.refusal)
    var fields = HTTPHeaders(head.headerFields.map { ($0.name.rawName, $0.value) })
    fields.replaceOrAdd(name: "Connection", value: "close")
    let status = HTTPResponseStatus(
      statusCode: head.status.code, reasonPhrase: head.status.reasonPhrase)
    let line = HTTPResponseHead(version: .http1_1, status: status, headers: fields)
    context.write(wrapOutboundOut(.head(line)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    context.write(wrapOutboundOut(.end(nil)), promise: nil)
    close()
  }

  private func close() {
    ignoresInput = true
    ending?.begin()
  }
}

// MARK: - Time

extension ConnectionHandler {
  func channelWritabilityChanged(context: ChannelHandlerContext) {
    writeTimer?.cancel()
    writeTimer = nil
    if !context.channel.isWritable {
      writeTimer = after(rules.limits.writeTime) { $0.ending?.abort() }
    }
    context.fireChannelWritabilityChanged()
  }

  private var now: NIODeadline { context?.eventLoop.now ?? .now() }

  /// Sees to it that a client that is too slow is noticed, with one timer at most.
  private func schedulePaceTimer() {
    guard !isClosing, !ignoresInput, let deadline = pace.deadline else { return }
    if let paceTimer, paceTimer.due <= deadline.time { return }
    paceTimer?.task.cancel()
    guard let task = after(deadline.time - now, { $0.checkPace() }) else { return }
    paceTimer = (deadline.time, task)
  }

  private func checkPace() {
    paceTimer = nil
    guard !isClosing, !ignoresInput, let deadline = pace.deadline, let context else { return }
    guard deadline.time <= now else { return schedulePaceTimer() }
    switch deadline.lateness {
    case .request: context.close(promise: nil)
    case .head: refuse(.headTooSlow, context)
    case .body: refuse(.bodyTooSlow, context)
    }
  }

  private func after(
    _ time: TimeAmount, _ action: @escaping (ConnectionHandler) -> Void
  ) -> Scheduled<Void>? {
    context?.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak self] in
      if let self { action(self) }
    }
  }

  private func report(_ activity: ConnectionActivity) {
    context?.triggerUserOutboundEvent(activity, promise: nil)
  }
}

@available(*, unavailable)
extension ConnectionHandler: Sendable {}
