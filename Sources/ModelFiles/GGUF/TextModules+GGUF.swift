extension TextModules {
  /// Reads how states are pooled, and the shapes of the linear layers that the file has.
  init(_ header: GGUFHeader, architecture: String) throws(ModelError) {
    self.init()
    let key = "\(architecture).pooling_type"
    let kinds: [Pooling?] = [nil, .mean, .first, .last, .rank]
    if let number = try header.metadata.integerIfPresent(key, in: 0...(kinds.count - 1)) {
      pooling = kinds[number]
      areStated = pooling != nil
    }
    for name in ["dense_2", "dense_3"] {
      guard let tensor = header.tensors.first(where: { $0.name == "\(name).weight" }) else {
        continue
      }
      guard tensor.dimensions.count == 2 else {
        throw ModelError(.invalid, field: tensor.name, "a matrix is needed")
      }
      dense.append(
        Dense(
          name: name, inputs: tensor.dimensions[0], outputs: tensor.dimensions[1],
          hasBias: header.tensors.contains { $0.name == "\(name).bias" }))
    }
  }
}
