import Tensor

/// A stack of attention and feed-forward layers between an embedding and an output head.
struct TransformerDecoder: StepExecutor {
  /// One layer: what attention, the feed-forward network, norms and sums do, in order.
  struct Layer: Sendable {
    let steps: [any LayerStep]

    func run(_ batch: Batch) {
      for step in steps { step.run(batch) }
    }
  }

  let embedding: TokenEmbedding
  let layers: [Layer]
  let head: OutputHead
  /// The states of layers; nil where none has one.
  let states: StateCache?
  /// The memory that all of these point to.
  let buffers: DecoderBuffers

  func copy(_ copies: [StateCopy]) { states?.copy(copies) }

  func run(_ batch: Batch) -> Matrix {
    embedding.run(batch)
    for layer in layers { layer.run(batch) }
    return head.run(batch)
  }

  func logits(ofRows rows: Range<Int>) -> Matrix { head.logits(ofRows: Array(rows)) }

  func states(ofRows rows: Range<Int>) -> Matrix { head.states(ofRows: Array(rows)) }
}

/// A part of a layer that works on all rows of a step.
///
/// A class, built once at loading.
protocol LayerStep: AnyObject, Sendable {
  /// Works on every row of a step.
  func run(_ batch: Batch)
}
