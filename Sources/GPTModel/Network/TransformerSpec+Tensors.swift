package import ModelFiles

extension TransformerSpec {
  /// Every tensor that a model of this spec has, under canonical names, and no other.
  package var tensors: [TensorRequirement] {
    let embedded = embedding.width ?? width
    var tensors: [TensorRequirement] = [.matrix("token_embd", [embedded, vocabularySize])]
    tensors += head.norm?.tensors("output_norm", width) ?? []
    if !head.isTied { tensors.append(.matrix("output", [embedded, vocabularySize])) }
    if head.hasBias { tensors.append(.bias("output", vocabularySize)) }
    if let positions = embedding.positions {
      tensors.append(.matrix("position_embd", [width, positions.rows]))
    }
    tensors += embedding.norm?.tensors("token_embd_norm", width) ?? []
    if embedding.width != nil {
      tensors += [
        .matrix("token_embd_proj", [embedded, width]), .matrix("output_proj", [width, embedded]),
      ]
    }
    if let rotary = layers.lazy.compactMap(\.attention?.rotary).first(where: \.readsDivisors) {
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
    var (mixerNorms, feedForwardNorms) =
      switch placement {
      case .pre, .parallelApart, .afterSum, .beforeSum: (["attn_norm"], ["ffn_norm"])
      case .parallel: (["attn_norm"], [])
      case .sandwich: (["attn_norm", "post_attention_norm"], ["ffn_norm", "post_ffw_norm"])
      case .post: (["post_attention_norm"], ["post_ffw_norm"])
      }
    if attention == nil { mixerNorms = [] }
    if feedForward == nil { feedForwardNorms = [] }
    let norms = (mixerNorms + feedForwardNorms).flatMap { norm.tensors($0, width) }
    return norms + (attention?.tensors(width: width) ?? [])
      + (feedForward?.tensors(width: width) ?? [])
  }
}

extension NormSpec {
  /// The weights and biases, by the name before their kind.
  fileprivate func tensors(_ name: String, _ count: Int) -> [TensorRequirement] {
    (hasWeight ? [.vector(name, count)] : []) + (hasBias ? [.bias(name, count)] : [])
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
      .matrix("attn_q", [width, queryWidth], heads: queryHeads),
      .matrix("attn_k", [width, keyValueWidth], heads: keyValueHeads),
      .matrix("attn_v", [width, keyValueWidth], heads: keyValueHeads),
      .matrix("attn_output", [queryWidth, width]),
    ]
    if hasInputBias {
      tensors += [
        .bias("attn_q", queryWidth, heads: queryHeads),
        .bias("attn_k", keyValueWidth, heads: keyValueHeads),
        .bias("attn_v", keyValueWidth, heads: keyValueHeads),
      ]
    }
    if hasOutputBias { tensors.append(.bias("attn_output", width)) }
    return tensors + normTensors
  }

  private var normTensors: [TensorRequirement] {
    guard let norms = queryKeyNorm else { return [] }
    switch norms.extent {
    case .head:
      return norms.norm.tensors("attn_q_norm", headLength)
        + norms.norm.tensors("attn_k_norm", headLength)
    case .row:
      return norms.norm.tensors("attn_q_norm", queryWidth)
        + norms.norm.tensors("attn_k_norm", keyValueWidth)
    case .ownHead:
      return TensorRequirement.vectors("attn_q_norm", heads: queryHeads, headLength)
        + TensorRequirement.vectors("attn_k_norm", heads: keyValueHeads, headLength)
    }
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
