import ModelFiles

extension RecurrenceSpec {
  /// The tensors of a mixer, without the number of the layer.
  func tensors(width: Int) -> [TensorRequirement] {
    switch self {
    case .shortConvolution(let own): own.tensors
    case .mamba(let own): own.tensors(width: width)
    case .mamba2(let own): own.tensors(width: width)
    case .gatedDelta(let own): own.tensors(width: width)
    }
  }
}

extension ConvolutionSpec {
  /// The weights, [channels, K], and the bias.
  fileprivate func tensors(_ name: String, channels: Int) -> [TensorRequirement] {
    let weights = TensorRequirement("\(name).weight", shape: [length, channels], role: .vector)
    return hasBias ? [weights, .bias(name, channels)] : [weights]
  }
}

extension ShortConvolutionSpec {
  fileprivate var tensors: [TensorRequirement] {
    let projections: [TensorRequirement] = [
      .matrix("shortconv.in_proj", [width, 3 * width]),
      .matrix("shortconv.out_proj", [width, width]),
    ]
    let biases: [TensorRequirement] = [
      .bias("shortconv.in_proj", 3 * width), .bias("shortconv.out_proj", width),
    ]
    return projections + convolution.tensors("shortconv.conv", channels: width)
      + (hasBias ? biases : [])
  }
}

extension TensorRequirement {
  /// A in a file: below 0.
  fileprivate static func decay(_ shape: [Int]) -> TensorRequirement {
    TensorRequirement("ssm_a", shape: shape, role: .vector)
  }

  /// D in a file.
  fileprivate static func skip(_ count: Int) -> TensorRequirement {
    TensorRequirement("ssm_d", shape: [count], role: .vector)
  }
}

extension MambaSpec {
  fileprivate func tensors(width: Int) -> [TensorRequirement] {
    let biases: [TensorRequirement] = [.bias("ssm_in", 2 * inner), .bias("ssm_out", width)]
    return [
      .matrix("ssm_in", [width, 2 * inner]), .matrix("ssm_x", [inner, rank + 2 * states]),
      .matrix("ssm_dt", [rank, inner]), .bias("ssm_dt", inner), .decay([states, inner]),
      .skip(inner), .matrix("ssm_out", [inner, width]),
    ] + convolution.tensors("ssm_conv1d", channels: inner) + (hasBias ? biases : [])
  }
}

extension Mamba2Spec {
  fileprivate func tensors(width: Int) -> [TensorRequirement] {
    let projected = inner + channels + heads
    let biases: [TensorRequirement] = [.bias("ssm_in", projected), .bias("ssm_out", width)]
    let norm = TensorRequirement(
      "ssm_norm.weight", shape: [inner / groups, groups], role: .vector)
    return [
      .matrix("ssm_in", [width, projected]), .bias("ssm_dt", heads), .decay([heads]), .skip(heads),
      .matrix("ssm_out", [inner, width]),
    ] + convolution.tensors("ssm_conv1d", channels: channels)
      + (gatedNorm == .none ? [] : [norm]) + (hasBias ? biases : [])
  }
}

extension GatedDeltaSpec {
  fileprivate func tensors(width: Int) -> [TensorRequirement] {
    [
      .matrix("attn_q", [width, keyWidth], heads: keyHeads),
      .matrix("attn_k", [width, keyWidth], heads: keyHeads),
      .matrix("attn_v", [width, valueWidth], heads: keyHeads),
      .matrix("attn_gate", [width, valueWidth], heads: keyHeads),
      .matrix("ssm_beta", [width, valueHeads], heads: keyHeads),
      .matrix("ssm_alpha", [width, valueHeads], heads: keyHeads),
      .bias("ssm_dt", valueHeads), .decay([valueHeads]), .vector("ssm_norm", valueLength),
      .matrix("ssm_out", [valueWidth, width]),
    ] + convolution.tensors("ssm_conv1d", channels: channels)
  }
}
