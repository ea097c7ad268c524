import Foundation
import GPTModel
import Synchronization
import Tensor
import TestSupport

/// Makes rows of attachments that are nothing but seeds: each number follows from seed, row and column.
final class SeededEncoder: AttachmentEncoder {
  /// What it encodes.
  struct Payload: Sendable {
    var seed: UInt64
    var rows: Int
    var fault = Fault.none
  }

  /// What goes wrong when a payload is encoded.
  enum Fault: Sendable {
    case none
    /// The encoder says that it cannot.
    case refused
    /// A number is none.
    case notFinite
    /// The encoder waits until it is let go on.
    case waits
  }

  /// The columns of a row.
  let width: Int
  private let calls = Mutex(0)
  private let started = DispatchSemaphore(value: 0)
  private let goesOn = DispatchSemaphore(value: 0)

  init(width: Int) {
    self.width = width
  }

  /// Attachments encoded so far.
  var count: Int { calls.withLock { $0 } }

  func rowCount(of payload: any Sendable) throws(AttachmentError) -> Int {
    guard let payload = payload as? Payload else { throw AttachmentError("it is no seed") }
    return payload.rows
  }

  func encode(
    _ payload: any Sendable, into rows: EmbeddingRows, using compute: Compute
  ) throws(AttachmentError) {
    calls.withLock { $0 += 1 }
    guard let payload = payload as? Payload else { throw AttachmentError("it is no seed") }
    if payload.fault == .refused { throw AttachmentError("seed \(payload.seed) cannot be encoded") }
    if payload.fault == .waits {
      started.signal()
      goesOn.wait()
    }
    var generator = SeededGenerator(seed: payload.seed)
    for row in 0..<rows.count {
      _ = rows[row].update(fromContentsOf: generator.floats(width, in: -0.1...0.1))
    }
    if payload.fault == .notFinite { rows[rows.count - 1][0] = .nan }
  }

  /// Returns once a payload that waits is being encoded.
  func waitUntilStarted() async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [started] in
        started.wait()
        continuation.resume()
      }
    }
  }

  /// Lets a payload that waits be encoded.
  func goOn() { goesOn.signal() }
}

extension Prompt {
  /// The token in whose place attachments are.
  static let placeholder: Token = 3

  /// A prompt of tokens that follow from a seed, with attachments in the place of some.
  init(_ count: Int, seed: UInt64, _ payloads: [(start: Int, SeededEncoder.Payload)]) throws {
    var generator = SeededGenerator(seed: seed)
    var tokens = (0..<count).map { _ in Token.random(in: 0..<320, using: &generator) }
    var attachments: [Prompt.Attachment] = []
    for (start, payload) in payloads {
      let range = start..<(start + payload.rows)
      for position in range { tokens[position] = Self.placeholder }
      attachments.append(
        Prompt.Attachment(range: range, digest: .made(of: payload), payload: payload))
    }
    try self.init(tokens: tokens, attachments: attachments)
  }
}

extension AttachmentDigest {
  /// The digest of a payload: equal for equal seeds and faults.
  static func made(of payload: SeededEncoder.Payload) -> Self {
    var generator = SeededGenerator(seed: payload.seed &* 31 &+ UInt64(payload.rows))
    var bytes = (0..<byteCount).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    if payload.fault != .none { bytes[0] ^= 1 }
    guard let digest = AttachmentDigest(bytes) else { preconditionFailure("32 bytes are a digest") }
    return digest
  }
}
