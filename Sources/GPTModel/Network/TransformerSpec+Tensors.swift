package import ModelFiles

extension TransformerSpec {
  /// Every tensor that a model of this spec has, under canonical names, and no other.
  package var tensors: [TensorRequirement] {
    let embedded = embedding.width ?? width
    var tensors: [TensorRequirement] = [.matrix("token_embd", [embedded, vocabularySize])]
    tensors += head.norm?.tensors("output_norm", width) ?? []
    if head.needsMatrix { tensors.append(.matrix("output", [embedded, vocabularySize])) }
    if head.hasBias, head.hasLogits { tensors.append(.bias("output", vocabularySize)) }
    if let positions = embedding.positions {
      tensors.append(.matrix("position_embd", [width, positions.rows]))
    }
    if let types = embedding.types { tensors.append(.matrix("token_types", [width, types])) }
    tensors += embedding.norm?.tensors("token_embd_norm", width) ?? []
    if embedding.width != nil {
      tensors += [
        .matrix("token_embd_proj", [embedded, width]), .matrix("output_proj", [width, embedded]),
      ]
    }
    if let rotary = layers.lazy.compactMap(\.attention?.rotary).first(where: \.readsDivisors) {
      tensors += rotary.tensors
    }
    tensors += perLayerTensors + streamTensors + pooled.tensors
    for (index, layer) in layers.enumerated() {
      let own = layer.tensors(width: width) + (streams?.tensorsOfLayer(width: width) ?? [])
      tensors += own.map { $0.inLayer(index) }
    }
    return tensors
  }

  /// Those of the second embedding.
  private var perLayerTensors: [TensorRequirement] {
    guard let own = embedding.perLayer else { return [] }
    let columns = layers.count * own.width
    return [
      .matrix("per_layer_token_embd", [columns, own.rows]),
      .matrix("per_layer_model_proj", [width, columns]),
    ] + own.norm.tensors("per_layer_proj_norm", own.width)
  }

  /// Those that make streams of the embedding, and one row of the streams.
  private var streamTensors: [TensorRequirement] {
    guard let streams else { return [] }
    return ["altup_proj", "altup_unembd_proj"].flatMap {
      TensorRequirement.matrices($0, experts: streams.count - 1, [width, width])
    }
  }
}

extension StreamsSpec {
  /// The tensors of one layer, without its number.
  fileprivate func tensorsOfLayer(width: Int) -> [TensorRequirement] {
    let scale = TensorRequirement.vector("altup_correct_scale", width)
    return [
      .matrix("altup_router", [width, count]), .vector("altup_router_norm", width),
      TensorRequirement(
        "altup_predict_coef.weight", shape: [count, count * count], role: .vector),
      TensorRequirement("altup_correct_coef.weight", shape: [count, count], role: .vector),
    ] + [scalesOutput ? scale : scale.unused()]
  }
}

extension HeadSpec {
  /// Whether there is a matrix [V, E] besides the embedding.
  fileprivate var needsMatrix: Bool { hasLogits && !isTied }
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
    if isFeedForwardOnly { feedForwardNorms = mixerNorms }
    if attention == nil && recurrence == nil || omitsFirstNorm { mixerNorms = [] }
    if !hasFeedForward { feedForwardNorms = [] }
    let norms = (mixerNorms + feedForwardNorms).flatMap { norm.tensors($0, width) }
    return norms + (attention?.tensors(width: width) ?? [])
      + (recurrence?.tensors(width: width) ?? [])
      + (feedForward?.tensors(width: width) ?? []) + (experts?.tensors(width: width) ?? [])
      + branchTensors(width: width)
  }

  /// The tensors of what stands beside and behind attention and the feed-forward network.
  private func branchTensors(width: Int) -> [TensorRequirement] {
    var tensors: [TensorRequirement] = []
    if let rank = laurelRank {
      tensors += [.matrix("laurel_l", [width, rank]), .matrix("laurel_r", [rank, width])]
      tensors += norm.tensors("laurel_post_norm", width)
    }
    if let perLayer {
      tensors += [
        .matrix("inp_gate", [width, perLayer.width]), .matrix("proj", [perLayer.width, width]),
      ]
      tensors += norm.tensors("post_norm", width)
    }
    if hasExpertsBeside {
      tensors += ["post_ffw_norm_1", "pre_ffw_norm_2", "post_ffw_norm_2"].flatMap {
        norm.tensors($0, width)
      }
      tensors.append(
        TensorRequirement("ffn_gate_inp.scale", shape: [width], role: .vector))
    }
    if hasOutputScale {
      tensors.append(
        TensorRequirement(
          "layer_output_scale.weight", shape: [1], role: .vector, presence: .optional))
    }
    return tensors
  }
}

extension NormSpec {
  /// The weights and biases, by the name before their kind.
  func tensors(_ name: String, _ count: Int) -> [TensorRequirement] {
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
    if let latent { return tensors(latent, width: width) }
    let query = TensorRequirement.matrix("attn_q", [width, projectedQueryWidth], heads: queryHeads)
    let output = TensorRequirement.matrix("attn_output", [projectedQueryWidth, width])
    var tensors = [query] + keyValueTensors(width: width) + [output]
    if hasInputBias { tensors.append(.bias("attn_q", projectedQueryWidth, heads: queryHeads)) }
    if hasOutputBias { tensors.append(.bias("attn_output", width)) }
    if hasOutputGate {
      tensors.append(.matrix("attn_q_gate", [width, projectedQueryWidth], heads: queryHeads))
      if hasInputBias {
        tensors.append(.bias("attn_q_gate", projectedQueryWidth, heads: queryHeads))
      }
    }
    if hasSinks { tensors.append(.vector("attn_sinks", queryHeads)) }
    if let norms = queryKeyNorm {
      tensors += normTensors(norms, "attn_q_norm", heads: queryHeads)
    }
    return tensors
  }

  private func tensors(_ latent: LatentSpec, width: Int) -> [TensorRequirement] {
    let queryWidth = queryHeads * headLength
    var tensors: [TensorRequirement] = [
      .matrix("attn_kv_a_mqa", [width, latent.rank + latent.rotatedLength]),
      .matrix("attn_output", [attendedWidth, width]),
    ]
    tensors += latent.norm.tensors("attn_kv_a_norm", latent.rank)
    if hasInputBias {
      tensors.append(.bias("attn_kv_a_mqa", latent.rank + latent.rotatedLength))
      if let rank = latent.queryRank { tensors.append(.bias("attn_q_a", rank)) }
    }
    if hasOutputBias { tensors.append(.bias("attn_output", width)) }
    if let rank = latent.queryRank {
      tensors += [.matrix("attn_q_a", [width, rank]), .matrix("attn_q_b", [rank, queryWidth])]
      tensors += latent.norm.tensors("attn_q_a_norm", rank)
    } else {
      tensors.append(.matrix("attn_q", [width, queryWidth]))
    }
    return tensors
      + TensorRequirement.matrices(
        "attn_k_b", experts: queryHeads, [latent.keyLength, latent.rank])
      + TensorRequirement.matrices(
        "attn_v_b", experts: queryHeads, [latent.rank, latent.valueLength])
  }

  /// Those of keys and values; files may have them for layers that attend to another's.
  private func keyValueTensors(width: Int) -> [TensorRequirement] {
    var tensors: [TensorRequirement] = [
      .matrix("attn_k", [width, projectedKeyValueWidth], heads: keyValueHeads)
    ]
    if !valuesAreKeys {
      tensors.append(.matrix("attn_v", [width, projectedKeyValueWidth], heads: keyValueHeads))
    }
    if hasInputBias {
      tensors.append(.bias("attn_k", projectedKeyValueWidth, heads: keyValueHeads))
      if !valuesAreKeys {
        tensors.append(.bias("attn_v", projectedKeyValueWidth, heads: keyValueHeads))
      }
    }
    if let norms = queryKeyNorm {
      tensors += normTensors(norms, "attn_k_norm", heads: keyValueHeads)
    }
    return source == nil ? tensors : tensors.map { $0.unused() }
  }

  private func normTensors(_ norms: QueryKeyNorm, _ name: String, heads: Int)
    -> [TensorRequirement]
  {
    guard norms.hasWeights else { return [] }
    return switch norms.extent {
    case .head: norms.norm.tensors(name, headLength)
    case .row: norms.norm.tensors(name, heads * headLength)
    case .ownHead: TensorRequirement.vectors(name, heads: heads, headLength)
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
