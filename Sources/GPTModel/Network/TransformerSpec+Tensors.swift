package import ModelFiles

extension TransformerSpec {
  /// Every tensor that a model of this spec has, under canonical names, and no other.
  package var tensors: [TensorRequirement] {
    var tensors: [TensorRequirement] = [
      .matrix("token_embd", [width, vocabularySize]),
      .vector("output_norm", width),
    ]
    if !head.isTied { tensors.append(.matrix("output", [width, vocabularySize])) }
    if let rotary = layers.lazy.map(\.attention.rotary).first(where: \.readsDivisors) {
      tensors.append(
        TensorRequirement(
          "rope_freqs.weight", shape: [rotary.dimensions / 2], role: .vector, presence: .optional))
    }
    for (index, layer) in layers.enumerated() {
      tensors += layer.tensors(width: width).map { $0.inLayer(index) }
    }
    return tensors
  }
}

extension LayerSpec {
  /// The tensors of one layer, without its number.
  fileprivate func tensors(width: Int) -> [TensorRequirement] {
    var tensors: [TensorRequirement] = [
      .vector("attn_norm", width),
      .vector("ffn_norm", width),
    ]
    if placement.hasPostNorm {
      tensors += [.vector("post_attention_norm", width), .vector("post_ffw_norm", width)]
    }
    return tensors + attention.tensors(width: width) + feedForward.tensors(width: width)
  }
}

extension AttentionSpec {
  fileprivate func tensors(width: Int) -> [TensorRequirement] {
    var tensors: [TensorRequirement] = [
      .matrix("attn_q", [width, queryWidth]),
      .matrix("attn_k", [width, keyValueWidth]),
      .matrix("attn_v", [width, keyValueWidth]),
      .matrix("attn_output", [queryWidth, width]),
    ]
    if hasInputBias {
      tensors += [
        .bias("attn_q", queryWidth), .bias("attn_k", keyValueWidth),
        .bias("attn_v", keyValueWidth),
      ]
    }
    if hasOutputBias { tensors.append(.bias("attn_output", width)) }
    if queryKeyNorm != nil {
      tensors += [.vector("attn_q_norm", headLength), .vector("attn_k_norm", headLength)]
    }
    return tensors
  }
}

extension MLPSpec {
  fileprivate func tensors(width: Int) -> [TensorRequirement] {
    let wide = self.width
    let tensors: [TensorRequirement] = [
      .matrix("ffn_gate", [width, wide]),
      .matrix("ffn_up", [width, wide]),
      .matrix("ffn_down", [wide, width]),
    ]
    let biases: [TensorRequirement] = [
      .bias("ffn_gate", wide), .bias("ffn_up", wide), .bias("ffn_down", width),
    ]
    return hasBias ? tensors + biases : tensors
  }
}
