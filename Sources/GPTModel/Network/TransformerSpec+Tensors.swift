package import ModelFiles

extension TransformerSpec {
  /// Every tensor that a model of this spec has, under canonical names, and no other.
  package var tensors: [TensorRequirement] {
    var tensors: [TensorRequirement] = [
      .matrix("token_embd", [width, vocabularySize]),
      .vector("output_norm", width),
    ]
    if !head.isTied { tensors.append(.matrix("output", [width, vocabularySize])) }
    if let rotary = layers.lazy.compactMap(\.attention.rotary).first(where: \.readsDivisors) {
      tensors += rotary.tensors
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
    var tensors: [TensorRequirement] = []
    if placement.hasPreNorm {
      tensors += [.vector("attn_norm", width), .vector("ffn_norm", width)]
    }
    if placement.hasPostNorm {
      tensors += [.vector("post_attention_norm", width), .vector("post_ffw_norm", width)]
    }
    return tensors + attention.tensors(width: width) + feedForward.tensors(width: width)
  }
}

extension RotarySpec {
  /// Divisors of the angles, [R/2]: those of LongRoPE where the configuration does not have them.
  fileprivate var tensors: [TensorRequirement] {
    let pairs = dimensions / 2
    if case .longRope(let figures) = scaling {
      guard figures.long == nil else { return [] }
      return [.vector("rope_factors_short", pairs), .vector("rope_factors_long", pairs)]
    }
    return [
      TensorRequirement(
        "rope_freqs.weight", shape: [pairs], role: .vector, presence: .optional)
    ]
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
    switch queryKeyNorm?.extent {
    case .head?:
      tensors += [.vector("attn_q_norm", headLength), .vector("attn_k_norm", headLength)]
    case .row?:
      tensors += [.vector("attn_q_norm", queryWidth), .vector("attn_k_norm", keyValueWidth)]
    case nil: break
    }
    return tensors
  }
}

extension MLPSpec {
  fileprivate func tensors(width: Int) -> [TensorRequirement] {
    let wide = self.width
    let gate: [TensorRequirement] = isGated ? [.matrix("ffn_gate", [width, wide])] : []
    var tensors: [TensorRequirement] =
      gate + [.matrix("ffn_up", [width, wide]), .matrix("ffn_down", [wide, width])]
    if hasBias {
      tensors += isGated ? [.bias("ffn_gate", wide)] : []
      tensors += [.bias("ffn_up", wide), .bias("ffn_down", width)]
    }
    if xielu == .tensors {
      tensors += [.vector("ffn_act_square", 1), .vector("ffn_act_exponential", 1)]
      tensors += ["ffn_act_slope.weight", "ffn_act_ceiling.weight"].map {
        TensorRequirement($0, shape: [1], role: .vector, presence: .optional)
      }
    }
    return tensors
  }
}
