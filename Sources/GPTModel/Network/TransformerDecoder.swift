import Tensor

/// A stack of attention and feed-forward layers between an embedding and an output head.
struct TransformerDecoder: StepExecutor {
  /// One layer: h + A(N(h)), then h + M(N(h)), each with another norm after the block where the layer
  /// has one.
  struct Layer: Sendable {
    let attentionNorm: Norm
    let attention: GroupedAttention
    let attentionResidual: NormedResidual?
    let feedForwardNorm: Norm
    let feedForward: GatedMLP
    let feedForwardResidual: NormedResidual?

    func run(_ batch: Batch) {
      attentionNorm.run(batch)
      attention.run(batch)
      attentionResidual?.run(batch)
      feedForwardNorm.run(batch)
      feedForward.run(batch)
      feedForwardResidual?.run(batch)
    }
  }

  let embedding: TokenEmbedding
  let layers: [Layer]
  let head: OutputHead

  func run(_ batch: Batch) -> Matrix {
    embedding.run(batch)
    for layer in layers { layer.run(batch) }
    return head.run(batch)
  }

  func logits(ofRows rows: Range<Int>) -> Matrix { head.logits(ofRows: Array(rows)) }

  func states(ofRows rows: Range<Int>) -> Matrix { head.states(ofRows: Array(rows)) }
}

/// Looks up the hidden row of each token, or of the position of an attachment.
final class TokenEmbedding: RowOperation {
  private let table: WeightMatrix
  private let scale: Float
  private let store: EmbeddingStore?
  private let hidden: Matrix
  private let compute: Compute

  /// - Parameters:
  ///   - table: [V, W].
  ///   - store: The rows of attachments; nil where batches have none.
  ///   - hidden: The rows to fill, [T, W].
  init(
    _ spec: EmbeddingSpec, table: WeightMatrix, store: EmbeddingStore?, hidden: Matrix,
    compute: Compute
  ) {
    self.table = table
    self.store = store
    scale = spec.scale
    self.hidden = hidden
    self.compute = compute
  }

  /// Fills the hidden rows, [T, W].
  func run(_ batch: Batch) {
    compute.forEachRow(of: batch, self)
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    if let stored = batch.pointee.storedRow(of: row), let store {
      hidden.row(row).update(from: store.matrix.row(Int(stored)), count: hidden.columns)
      return
    }
    table.decodeRow(Int(batch.pointee.tokens[row]), into: hidden.row(row))
    if scale != 1 {
      compute.processor.scale(hidden.row(row), count: hidden.columns, by: scale)
    }
  }
}
