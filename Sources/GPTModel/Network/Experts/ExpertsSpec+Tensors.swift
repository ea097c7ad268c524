import ModelFiles

extension ExpertsSpec {
  /// The tensors of a layer's experts, without its number; those of each expert by themselves.
  func tensors(width: Int) -> [TensorRequirement] {
    var tensors: [TensorRequirement] = [.matrix("ffn_gate_inp", [width, count])]
    if hasRouterBias { tensors.append(.bias("ffn_gate_inp", count)) }
    if routing.hasSelectionBias { tensors.append(.bias("exp_probs_b", count)) }
    if hasScales {
      tensors.append(
        TensorRequirement("ffn_down_exps.scale", shape: [count], role: .vector))
    }
    if let latentWidth {
      tensors += [
        .matrix("ffn_latent_down", [width, latentWidth]),
        .matrix("ffn_latent_up", [latentWidth, width]),
      ]
    }
    for (name, shape) in network.shapes(width: latentWidth ?? width) {
      tensors += TensorRequirement.matrices("\(name)_exps", experts: count, shape)
      guard network.hasBias else { continue }
      tensors += TensorRequirement.biases("\(name)_exps", experts: count, shape[1])
    }
    guard let shared else { return tensors }
    for (name, shape) in shared.network.shapes(width: width) {
      tensors.append(.matrix("\(name)_shexp", shape))
      if shared.network.hasBias { tensors.append(.bias("\(name)_shexp", shape[1])) }
    }
    return tensors + (shared.hasGate ? [.matrix("ffn_gate_inp_shexp", [width, 1])] : [])
  }
}

extension MLPSpec {
  /// The shapes of the matrices, by the beginnings of their names.
  fileprivate func shapes(width: Int) -> [(name: String, shape: [Int])] {
    (isGated ? [("ffn_gate", [width, self.width])] : [])
      + [("ffn_up", [width, self.width]), ("ffn_down", [self.width, width])]
  }
}
