import CTraining

/// Causal attention within documents, of Q query heads that share G key-value heads: Ainslie et al.,
/// "GQA", 2023.
struct GroupedAttentionBlock {
  let shape: ModelShape

  /// What the forward pass leaves for the backward pass.
  struct State {
    let q: UnsafeMutablePointer<Float>
    let k: UnsafeMutablePointer<Float>
    let v: UnsafeMutablePointer<Float>
    /// What was gathered, [N, Q, D].
    let out: UnsafeMutablePointer<Float>
    /// The greatest score of each softmax, [N, Q].
    let greatest: UnsafeMutablePointer<Float>
    /// 1 / the sum of each softmax, [N, Q].
    let inverseSum: UnsafeMutablePointer<Float>
  }

  /// Elements of scratch for N tokens.
  static func scratch(_ shape: ModelShape, rows: Int) -> Int {
    apus_training_attention_scratch(rows, shape.headLength)
  }

  /// Gathers values.
  func forward(_ state: State, scratch: UnsafeMutablePointer<Float>, _ pass: LeafPass) {
    withWork(state, scratch, pass) { work in
      pass.products.kernels.table.pointee.attend(&work)
    }
  }

  /// Writes the gradients of q, k and v, given that of what was gathered.
  func backward(
    _ dout: UnsafePointer<Float>, _ state: State, into gradients: State,
    scratch: UnsafeMutablePointer<Float>, _ pass: LeafPass
  ) {
    var targets = apus_leaf_attention_gradients(
      out: dout, q: gradients.q, k: gradients.k, v: gradients.v)
    withWork(state, scratch, pass) { work in
      pass.products.kernels.table.pointee.attend_backward(&work, &targets)
    }
  }

  private func withWork(
    _ state: State, _ scratch: UnsafeMutablePointer<Float>, _ pass: LeafPass,
    _ body: (inout apus_leaf_attention) -> Void
  ) {
    pass.leaf.first.withUnsafeBufferPointer { first in
      guard let start = first.baseAddress else { return }
      var work = apus_leaf_attention(
        tokens: pass.rows, query_heads: shape.queryHeads, key_value_heads: shape.keyValueHeads,
        head_length: shape.headLength, first: start, q: state.q, k: state.k, v: state.v,
        out: state.out, greatest: state.greatest, inverse_sum: state.inverseSum, scratch: scratch)
      body(&work)
    }
  }
}
