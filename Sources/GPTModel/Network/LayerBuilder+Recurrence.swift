import Tensor

extension LayerBuilder {
  /// The steps of the mixer with a state; none where the layer has none.
  func recurrence(to destination: Destination) throws -> [any LayerStep] {
    guard let own = spec.recurrence, let states else { return [] }
    let parts = RecurrenceParts(states: states, buffers: buffers, compute: compute)
    switch own {
    case .shortConvolution(let own):
      return [
        try ShortConvolution(
          own, weights: shortConvolution(), parts: parts, destination: destination)
      ]
    case .mamba(let own):
      return [try MambaMixer(own, weights: mamba(), parts: parts, destination: destination)]
    case .mamba2(let own):
      return [try Mamba2Mixer(own, weights: mamba2(own), parts: parts, destination: destination)]
    case .gatedDelta(let own):
      return [try GatedDelta(own, weights: gatedDelta(), parts: parts, destination: destination)]
    }
  }

  private func shortConvolution() throws -> ShortConvolution.Weights {
    ShortConvolution.Weights(
      input: try linear("shortconv.in_proj"),
      convolution: try vector("shortconv.conv.weight"), bias: optional("shortconv.conv.bias"),
      output: try linear("shortconv.out_proj"))
  }

  private func mamba() throws -> MambaMixer.Weights {
    MambaMixer.Weights(
      input: try linear("ssm_in"), convolution: try vector("ssm_conv1d.weight"),
      convolutionBias: optional("ssm_conv1d.bias"), selection: try linear("ssm_x"),
      step: try linear("ssm_dt"), decay: try vector("ssm_a"), skip: try vector("ssm_d"),
      output: try linear("ssm_out"))
  }

  private func mamba2(_ own: Mamba2Spec) throws -> Mamba2Mixer.Weights {
    Mamba2Mixer.Weights(
      input: try linear("ssm_in"), convolution: try vector("ssm_conv1d.weight"),
      convolutionBias: optional("ssm_conv1d.bias"), stepBias: try vector("ssm_dt.bias"),
      decay: try vector("ssm_a"), skip: try vector("ssm_d"),
      norm: own.gatedNorm == .none ? nil : try vector("ssm_norm.weight"),
      output: try linear("ssm_out"))
  }

  private func gatedDelta() throws -> GatedDelta.Weights {
    GatedDelta.Weights(
      query: try linear("attn_q"), key: try linear("attn_k"), value: try linear("attn_v"),
      gate: try linear("attn_gate"), rate: try linear("ssm_beta"), step: try linear("ssm_alpha"),
      convolution: try vector("ssm_conv1d.weight"), convolutionBias: optional("ssm_conv1d.bias"),
      stepBias: try vector("ssm_dt.bias"), decay: try vector("ssm_a"),
      norm: try vector("ssm_norm.weight"), output: try linear("ssm_out"))
  }

  private func vector(_ name: String) throws -> Vector {
    try weights.vector("blk.\(index).\(name)")
  }

  private func optional(_ name: String) -> Vector? {
    weights.optionalVector("blk.\(index).\(name)")
  }
}
