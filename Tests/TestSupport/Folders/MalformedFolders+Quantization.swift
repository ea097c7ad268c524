import GPTModel

extension MalformedFolders {
  /// The matrix that is quantised, without the end of its name.
  private static let part = "model.layers.0.mlp.up_proj"

  /// Folders with one matrix quantised by a method, [32, 32], and what is wrong with it.
  mutating func addQuantizations() {
    (group, field) = ("quantization", nil)
    addFloats()
    addIntegers()
    let methods: [JSONText] = ["bitsandbytes", "hqq", "torchao", "quark", "modelopt", "", 8, []]
    for method in methods {
      add("weights quantised by \(method.text)", .refused()) {
        $0.configuration["quantization_config"] = ["quant_method": method]
      }
    }
  }

  /// Adds a folder with other tensors in the place of a matrix.
  private mutating func add(
    _ name: String, _ settings: JSONText, _ expectation: MalformedModelFile.Expectation,
    _ tensors: [SafetensorsBuilder.Tensor]
  ) {
    add(name, expectation) { builder in
      builder.configuration["quantization_config"] = settings
      builder.shards[0].tensors.removeAll { $0.name == "\(Self.part).weight" }
      builder.shards[0].tensors += tensors
    }
  }

  private mutating func addFloats() {
    let settings: JSONText = ["quant_method": "fp8", "weight_block_size": [128, 128]]
    func weights(_ codes: [UInt8], _ shape: [Int] = [32, 32]) -> SafetensorsBuilder.Tensor {
      .init("\(Self.part).weight", shape, type: "F8_E4M3", data: codes)
    }
    func scale(_ value: Float, _ shape: [Int] = [1, 1]) -> SafetensorsBuilder.Tensor {
      let count = shape.reduce(1, *)
      return .init(
        "\(Self.part).weight_scale_inv", shape, type: "F32",
        data: GGUFWeightFormat.float32.encode([Float](repeating: value, count: count)))
    }
    let codes = (0..<1024).map { UInt8($0 % 120) }
    add("floats of 8 bits", settings, .mayRun, [weights(codes), scale(0.01)])
    for value: Float in [.nan, .infinity, -.infinity, 3e38] {
      add(
        "floats of 8 bits with a scale of \(value)", settings, .refused(.notFinite),
        [weights(codes), scale(value)])
    }
    for place in [0, 1023] {
      var bad = codes
      bad[place] = 0xFF
      add(
        "floats of 8 bits with a NaN at \(place)", settings, .refused(.notFinite),
        [weights(bad), scale(1)])
    }
    add("floats of 8 bits without a scale", settings, .refused(.missing), [weights(codes)])
    add("scales without floats", settings, .refused(.missing), [scale(1)])
    for shape in [[2, 1], [1, 2, 1], [3], [33], [1, 3]] {
      add(
        "floats of 8 bits with scales of \(shape)", settings, .refused(),
        [weights(codes), scale(1, shape)])
    }
    add(
      "floats of 8 bits of another shape", settings, .refused(.invalid),
      [weights(codes, [16, 64]), scale(1)])
    add(
      "rows of floats that are not in blocks", settings, .refused(.unsupported),
      [weights(codes, [64, 16]), scale(1)])
    add("floats of 8 bits without settings", nil, .refused(.unsupported), [weights(codes)])
  }

  private mutating func addIntegers() {
    let settings: JSONText = ["quant_method": "gptq", "bits": 4, "group_size": 32]
    func tensors(_ scale: UInt16, order: [Int32]? = nil) -> [SafetensorsBuilder.Tensor] {
      let part = Self.part
      var tensors: [SafetensorsBuilder.Tensor] = [
        .init("\(part).qweight", [4, 32], type: "I32", data: (0..<512).map { UInt8($0 % 251) }),
        .init("\(part).qzeros", [1, 4], type: "I32", data: [UInt8](repeating: 0x77, count: 16)),
        .init(
          "\(part).scales", [1, 32], type: "F16",
          data: (0..<32).flatMap { _ in GGUFImage.encode(scale) }),
      ]
      if let order {
        tensors.append(
          .init(
            "\(part).g_idx", [32], type: "I32",
            data: order.flatMap { GGUFImage.encode(UInt32(bitPattern: $0)) }))
      }
      return tensors
    }
    let order = [Int32](repeating: 0, count: 32)
    add("integers of 4 bits", settings, .mayRun, tensors(0x2000, order: order))
    for bits: UInt16 in [0x7C00, 0xFC00, 0x7E00] {
      add(
        "integers of 4 bits with scales of \(bits)", settings, .refused(.notFinite), tensors(bits))
    }
    for (place, value) in [(0, 1), (31, -1), (5, .max)] as [(Int, Int32)] {
      var other = order
      other[place] = value
      add(
        "column \(place) of group \(value)", settings, .refused(.unsupported),
        tensors(0x2000, order: other))
    }
    let whole = tensors(0x2000)
    for place in whole.indices {
      add(
        "integers of 4 bits without tensor \(place)", settings, .refused(.missing),
        whole.enumerated().filter { $0.offset != place }.map(\.element))
    }
    let wrong: [(String, JSONText)] = [
      ("bits", 8), ("bits", 2), ("bits", -4), ("bits", 1e300), ("bits", "4"), ("group_size", 0.5),
      ("group_size", 16), ("group_size", .number(Int.min)), ("checkpoint_format", "marlin"),
      ("checkpoint_format", 2),
    ]
    for (key, value) in wrong {
      var changed = settings
      changed[key] = value
      add("integers with \(key) \(value.text)", changed, .refused(), whole)
    }
  }
}
