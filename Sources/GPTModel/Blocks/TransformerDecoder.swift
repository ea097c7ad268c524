import Tensor

/// A stack of attention and feed-forward layers between an embedding and an output head.
struct TransformerDecoder: Decoder {
  /// One layer.
  struct Layer: Sendable {
    let attention: GroupedAttention
    let mlp: GatedMLP
  }

  let embedding: TokenEmbedding
  let layers: [Layer]
  let head: OutputHead

  func run(_ batch: Batch) -> Matrix {
    embedding.run(batch)
    for layer in layers {
      layer.attention.run(batch)
      layer.mlp.run(rows: batch.rows)
    }
    return head.run(batch)
  }

  func logits(ofRows rows: Range<Int>) -> Matrix { head.logits(ofRows: Array(rows)) }

  func states(ofRows rows: Range<Int>) -> Matrix { head.states(ofRows: Array(rows)) }
}

/// Looks up the hidden row of each token.
struct TokenEmbedding: Sendable {
  let table: WeightMatrix
  let buffers: DecoderBuffers
  let compute: Compute

  /// Fills the hidden rows, [T, W].
  func run(_ batch: Batch) {
    compute.forEachRow(of: batch.rows, with: Lookup(embedding: self, batch: batch)) { job, row in
      let job = job.assumingMemoryBound(to: Lookup.self)
      job.pointee.embedding.lookUp(Int(job.pointee.batch.tokens[row]), row: row)
    }
  }

  private func lookUp(_ token: Int, row: Int) {
    table.decodeRow(token, into: buffers.hidden.row(row))
  }

  private struct Lookup {
    let embedding: TokenEmbedding
    let batch: Batch
  }
}

/// Turns the hidden rows that are wanted into logits.
struct OutputHead: Sendable {
  private let norm: Norm
  private let project: LinearGroup
  private let buffers: DecoderBuffers
  private let compute: Compute

  init(
    weights: WeightMatrix, norm: Vector, epsilon: Float, buffers: DecoderBuffers, compute: Compute
  ) throws(TensorError) {
    self.norm = Norm(weight: norm, epsilon: epsilon, buffers: buffers, compute: compute)
    project = try LinearGroup(
      input: buffers.normed.rows(0..<buffers.logits.rows), quantized: buffers.quantizedNormed,
      items: [LinearGroup.Item(weights: weights, destination: buffers.logits, accumulate: false)])
    self.buffers = buffers
    self.compute = compute
  }

  /// Computes the logits of the rows that the batch wants, [S, V].
  func run(_ batch: Batch) -> Matrix { logits(ofRows: batch.logitRows) }

  /// Computes the logits of some rows, [S, V], which stay as they are.
  func logits(ofRows rows: [Int]) -> Matrix {
    guard !rows.isEmpty else { return buffers.logits }
    norm.run(picked: rows)
    project.runQuantized(rows: rows.count, on: compute)
    return buffers.logits
  }

  /// Normalises some rows, [rows, W].
  func states(ofRows rows: [Int]) -> Matrix {
    norm.run(picked: rows)
    return buffers.normed.rows(0..<rows.count)
  }
}
