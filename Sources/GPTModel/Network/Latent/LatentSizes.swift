import ModelFiles
import Tensor

extension ModelConfiguration {
  /// A layer whose keys and values are made of latents, and whose feed-forward network is Llama's.
  ///
  /// - Parameters:
  ///   - usual: What folders may leave out; its rank of queries does not count.
  ///   - pairing: Which elements form a pair.
  func latentLayer(
    _ sizes: DecoderSizes, usual: LatentSpec, pairing: RotaryTable.Pairing
  ) throws(ModelError) -> LayerSpec {
    let latent = try latent(sizes, usual: usual)
    var rotary = try rotary(
      of: .full,
      defaults: RotarySpec(dimensions: latent.rotatedLength, base: 10_000, pairing: pairing))
    // What folders say of a share is that of a head's whole length.
    rotary.dimensions = latent.rotatedLength
    try rotary.checkPairs(name(of: .rotatedKeyLength))
    let magnitude = try scoreMagnitude(of: &rotary)
    var layer = sizes.layer(rotary: rotary)
    let length = latent.keyLength + latent.rotatedLength
    layer.attention?.latent = latent
    layer.attention?.headLength = length
    layer.attention?.keyValueHeads = 1
    layer.attention?.scale = Float(magnitude * magnitude / Double(length).squareRoot())
    layer.feedForward?.activation = try activation(default: .silu)
    try layer.addBiases(self)
    return layer
  }

  private func latent(_ sizes: DecoderSizes, usual: LatentSpec) throws(ModelError) -> LatentSpec {
    func length(_ keys: ConfigurationKey..., usual: Int) throws(ModelError) -> Int {
      for key in keys {
        if let length = try integerIfPresent(key, in: 1...65_536) { return length }
      }
      return omitsDefaults ? usual : try integer(keys[0], in: 1...65_536)
    }
    var latent = usual
    latent.queryRank = try integerIfPresent(.queryRank, in: 1...65_536)
    latent.rank = try length(.latentRank, usual: usual.rank)
    latent.rotatedLength = try length(.rotatedKeyLength, usual: usual.rotatedLength)
    if omitsDefaults {
      latent.keyLength = try length(.plainKeyLength, usual: usual.keyLength)
    } else {
      let whole = try length(.wholeKeyLength, .expandedKeyLength, usual: 0)
      latent.keyLength = whole - latent.rotatedLength
    }
    // Files may have it in the shape of a tensor alone.
    let output = dimensions(ofTensor: "blk.0.attn_output.weight")?.first
    let value = output.map { $0 / sizes.queryHeads } ?? usual.valueLength
    latent.valueLength = try integerIfPresent(.latentValueLength, in: 1...65_536) ?? value
    guard latent.keyLength > 0, latent.valueLength > 0 else {
      throw ModelError(
        .invalid, field: name(of: .rotatedKeyLength),
        "\(latent.rotatedLength) elements turn of a key that has no more, or values have none")
    }
    return latent
  }

  /// What scores are multiplied by twice where angles are stretched.
  private func scoreMagnitude(of rotary: inout RotarySpec) throws(ModelError) -> Double {
    guard case .yarn(var figures) = rotary.scaling else { return 1 }
    var scale = try numberIfPresent(.scoreMagnitude, in: 0...1e3) ?? 0
    if !omitsDefaults, scale > 0 {
      scale *= 10
      figures.amplitude = 1
      rotary.scaling = .yarn(figures)
    }
    return scale > 0 ? YarnScaling.magnitude(factor: figures.factor, scale: scale) : 1
  }
}
