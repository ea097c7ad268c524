/// Turns a response into a value, part by part; knows no network and no clock.
protocol ResponseReader: Sendable {
  /// What a complete response becomes.
  associatedtype Value: Sendable
  /// Takes the status line and the headers in.
  mutating func begin(status: Int, contentType: String?) throws(RequestFailure)
  /// Takes a part of the body in that arrived at a moment of the run.
  mutating func receive(_ bytes: [UInt8], at time: Duration) throws(RequestFailure)
  /// Takes in that the body is complete.
  mutating func end() throws(RequestFailure) -> Value
}

/// Keeps the beginning of a refusal, to show what the server says of it.
struct RefusalReader: Sendable {
  private static let keptBytes = 4096
  private let status: Int
  private var bytes: [UInt8] = []

  /// Begins with a status other than 200.
  init(status: Int) {
    self.status = status
  }

  /// Keeps what there is room for.
  mutating func receive(_ more: [UInt8]) {
    bytes += more.prefix(Self.keptBytes - bytes.count)
  }

  /// The failure that the refusal means.
  var failure: RequestFailure {
    RequestFailure(.status(status), String(decoding: bytes, as: UTF8.self))
  }
}

/// Reads a response as one document.
struct DocumentReader: ResponseReader {
  private let limit: Int
  private var bytes: [UInt8] = []
  private var refusal: RefusalReader?

  /// Reads at most so many bytes.
  init(limit: Int = 1 << 20) {
    self.limit = limit
  }

  /// Takes the status in.
  mutating func begin(status: Int, contentType: String?) {
    if status != 200 { refusal = RefusalReader(status: status) }
  }

  /// Takes a part of the document in.
  mutating func receive(_ more: [UInt8], at time: Duration) throws(RequestFailure) {
    guard refusal == nil else {
      refusal?.receive(more)
      return
    }
    guard bytes.count + more.count <= limit else {
      throw RequestFailure(.badStream, "the document has more than \(limit) bytes")
    }
    bytes += more
  }

  /// Returns the document.
  func end() throws(RequestFailure) -> [UInt8] {
    if let refusal { throw refusal.failure }
    return bytes
  }
}
