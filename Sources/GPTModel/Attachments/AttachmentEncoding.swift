import Tensor
import Tokenizers

/// An engine's encoder, and the store that it encodes into.
struct AttachmentEncoding {
  /// The encoded rows.
  let store: EmbeddingStore
  private let encoder: any AttachmentEncoder
  private let compute: Compute

  /// Allocates the store; nil where there is no encoder.
  init?(
    _ encoder: (any AttachmentEncoder)?, width: Int, rows: Int, compute: Compute
  ) throws(TensorError) {
    guard let encoder else { return nil }
    guard encoder.width == width else {
      throw TensorError(
        .shape, "attachments", expected: "an encoder of width \(width)", given: "\(encoder.width)")
    }
    self.encoder = encoder
    self.compute = compute
    store = try EmbeddingStore(rows: rows, width: width)
  }

  /// Encodes a payload into rows of the store.
  ///
  /// - Throws: An `AttachmentError` when the encoder does, or gave values that are no numbers.
  func run(_ payload: any Sendable, rows: [Int32]) throws(AttachmentError) {
    let rows = EmbeddingRows(rows, of: store.matrix)
    try encoder.encode(payload, into: rows, using: compute)
    guard rows.areFinite else {
      throw AttachmentError("the encoder computed values that are not finite numbers")
    }
  }
}

extension Prompt {
  /// Where the attachments are, and what.
  var places: [AttachmentPlace] {
    attachments.map { AttachmentPlace(range: $0.range, digest: $0.digest) }
  }

  /// Checks that an engine can encode the attachments.
  ///
  /// - Parameters:
  ///   - encoder: The engine's encoder, if it has one.
  ///   - limit: The rows of its store.
  /// - Throws: An `EngineError` that says what it cannot do.
  func checkAttachments(
    _ encoder: (any AttachmentEncoder)?, limit: Int
  ) throws(EngineError) {
    guard !attachments.isEmpty else { return }
    guard let encoder else { throw .attachmentsNotSupported }
    for attachment in attachments {
      let placeholders = attachment.range.count
      let rows: Int
      do throws(AttachmentError) {
        rows = try encoder.rowCount(of: attachment.payload)
      } catch {
        throw .invalidAttachment(error)
      }
      guard rows == placeholders else {
        throw .attachmentRows(rows: rows, placeholders: placeholders)
      }
      guard rows <= limit else { throw .attachmentTooLarge(rows: rows, limit: limit) }
    }
  }
}
