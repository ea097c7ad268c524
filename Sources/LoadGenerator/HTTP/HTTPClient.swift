import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends requests over HTTP/1.1 on connections that it keeps open; never sends one twice.
///
/// There are as many connections as requests under way. All run on one event loop, so that a load
/// test takes at most one core from a server on the same machine.
final class HTTPClient: Sendable {
  /// A request before it has a connection.
  struct Request: Sendable {
    /// The method.
    fileprivate let method: HTTPMethod
    /// The path below the endpoint's own.
    fileprivate let path: String
    /// The body, empty if there is none.
    fileprivate let body: [UInt8]

    /// Asks for a document.
    static func get(_ path: String) -> Request {
      Request(method: .GET, path: path, body: [])
    }

    /// Sends a JSON document.
    static func post(_ path: String, json: [UInt8]) -> Request {
      Request(method: .POST, path: path, body: json)
    }
  }

  private let endpoint: Endpoint
  private let headers: HTTPHeaders
  private let timeout: TimeAmount
  private let loop: any EventLoop
  private let idle = NIOLockedValueBox<[any Channel]>([])

  /// Creates a client without connections.
  ///
  /// - Parameters:
  ///   - headers: What every request carries beside what HTTP asks for.
  ///   - timeout: How long a response may take, from the sending of its request.
  init(endpoint: Endpoint, headers: [HeaderField] = [], timeout: Duration) {
    self.endpoint = endpoint
    self.timeout = TimeAmount(timeout)
    loop = MultiThreadedEventLoopGroup.singleton.next()
    self.headers = HTTPHeaders(headers.map { ($0.name, $0.value) })
  }

  /// Sends a request and waits for the response; a cancelled task gives up its connection.
  ///
  /// - Parameter stopwatch: What tells the reader when parts of the response arrive.
  func send<Reader: ResponseReader>(
    _ request: Request, reader: Reader, stopwatch: Stopwatch
  ) async throws(RequestFailure) -> Reader.Value {
    let channel = try await connection()
    let promise = loop.makePromise(of: Result<Reader.Value, RequestFailure>.self)
    let exchange = Exchange(
      head: head(of: request), body: ByteBuffer(bytes: request.body), timeout: timeout,
      response: PromisedResponse(reader: reader, promise: promise, stopwatch: stopwatch))
    let result: Result<Reader.Value, RequestFailure>?
    result = await withTaskCancellationHandler {
      channel.writeAndFlush(exchange).whenFailure { error in
        exchange.response.fail(RequestFailure(whileConnected: error))
      }
      return try? await promise.futureResult.get()
    } onCancel: {
      channel.close(promise: nil)
    }
    if case .success(let value)? = result { return value }
    if Task.isCancelled { throw RequestFailure(.interrupted) }
    guard case .failure(let failure)? = result else { throw RequestFailure(.connectionReset) }
    throw failure
  }

  /// Closes the connections that nobody uses.
  func close() {
    let channels = idle.withLockedValue { channels in
      defer { channels = [] }
      return channels
    }
    for channel in channels { channel.close(promise: nil) }
  }

  private func connection() async throws(RequestFailure) -> any Channel {
    while let channel = idle.withLockedValue({ $0.popLast() }) {
      if channel.isActive { return channel }
    }
    do {
      return try await connect()
    } catch {
      throw Task.isCancelled
        ? RequestFailure(.interrupted) : RequestFailure(whileConnecting: error)
    }
  }

  private func connect() async throws -> any Channel {
    try await ClientBootstrap(group: loop)
      .connectTimeout(min(timeout, .seconds(10)))
      .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { [idle] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          try channel.pipeline.syncOperations.addHandler(
            ExchangeHandler { channel in idle.withLockedValue { $0.append(channel) } })
        }
      }
      .connect(host: endpoint.host, port: endpoint.port).get()
  }

  private func head(of request: Request) -> HTTPRequestHead {
    var headers = HTTPHeaders([("Host", endpoint.authority), ("User-Agent", "apus-load")])
    if !request.body.isEmpty {
      headers.add(name: "Content-Type", value: "application/json")
      headers.add(name: "Content-Length", value: String(request.body.count))
    }
    for (name, value) in self.headers { headers.replaceOrAdd(name: name, value: value) }
    return HTTPRequestHead(
      version: .http1_1, method: request.method, uri: endpoint.path + request.path,
      headers: headers)
  }
}
