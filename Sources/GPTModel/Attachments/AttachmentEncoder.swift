public import Tensor

/// Makes rows of attachments, which a model reads in the place of the embeddings of tokens.
///
/// An engine asks for the number of rows from any thread, and encodes on its own. The rows of a payload
/// must be the same bits each time, whatever was encoded before.
public protocol AttachmentEncoder: Sendable {
  /// The columns of a row: the width of the model, W.
  var width: Int { get }

  /// How many rows a payload takes, found out without encoding it.
  ///
  /// - Throws: An `AttachmentError` when it is no payload that can be encoded.
  func rowCount(of payload: any Sendable) throws(AttachmentError) -> Int

  /// Encodes a payload.
  ///
  /// - Parameters:
  ///   - payload: What an attachment of a request has.
  ///   - rows: The rows to fill, as many as `rowCount` says.
  ///   - compute: The engine's kernels and threads.
  /// - Throws: An `AttachmentError`, which ends the request.
  func encode(
    _ payload: any Sendable, into rows: EmbeddingRows, using compute: Compute
  ) throws(AttachmentError)
}

/// Why an encoder does not encode a payload.
public struct AttachmentError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One sentence for people, with the figures that matter.
  public let description: String

  /// Creates an error.
  public init(_ description: String) {
    self.description = description
  }
}

/// The rows of one attachment in an engine's store, [rows, W], anywhere in it.
public struct EmbeddingRows {
  private let store: Matrix
  private let numbers: [Int32]

  /// Rows that an attachment has in a store of them.
  init(_ numbers: [Int32], of store: Matrix) {
    self.numbers = numbers
    self.store = store
  }

  /// The number of rows.
  public var count: Int { numbers.count }
  /// The columns of each, W.
  public var width: Int { store.columns }

  /// The memory of a row, [W].
  public subscript(row: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: store.row(Int(numbers[row])), count: width)
  }

  /// Whether all values are numbers.
  var areFinite: Bool {
    for row in 0..<count where !self[row].allSatisfy(\.isFinite) { return false }
    return true
  }
}
