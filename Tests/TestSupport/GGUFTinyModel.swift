import Foundation
package import GPTModel

/// A model small enough to build in memory, with random weights and a byte-level vocabulary.
package struct TinyModel: Sendable {
  /// Whose layers it has; by default Llama's.
  package var architecture = TinyArchitecture.llama {
    didSet { layers = architecture.layers }
  }
  package var layers = 2
  package var width = 64
  package var heads = 4
  package var keyValueHeads = 2
  package var feedForward = 128
  package var vocabulary = 320
  package var context = 256
  /// How matrices are stored; the scales of norms are float32. Widths grow to whole blocks.
  package var format = GGUFWeightFormat.eightBit {
    didSet {
      let length = format.layout.blockLength
      width = (width + length - 1) / length * length
      feedForward = (feedForward + length - 1) / length * length
    }
  }
  package var seed: UInt64 = 1
  /// Whether the output head is the embedding table.
  package var isTied = true

  /// Creates the standard tiny model: a Llama of 2 layers, 4 heads of length 16, 320 tokens.
  package init() {}

  /// The least model that is still one: for files whose every byte is to be changed.
  package static var least: TinyModel {
    var model = TinyModel()
    (model.layers, model.width, model.heads, model.keyValueHeads) = (1, 32, 2, 1)
    (model.feedForward, model.vocabulary) = (32, TinyVocabulary.minimum)
    return model
  }

  /// The file.
  package func bytes() -> [UInt8] { builder().bytes() }

  /// A builder of the file.
  package func builder() -> GGUFBuilder {
    var builder = GGUFBuilder()
    builder.entries = hyperParameters + TinyVocabulary(count: vocabulary).entries
    let renamed = architecture.namesInGGUF
    let fused = Self.fused(gatesJoined(values()), architecture.fusedInGGUF)
    let tensors = Self.joined(fused).map {
      (requirement: $0.requirement.renamed(renamed), values: $0.values)
    }
    let divisors = architecture.divisors.sorted { $0.key < $1.key }.map {
      (requirement: TensorRequirement.vector($0.key, $0.value.count), values: $0.value)
    }
    builder.tensors = (tensors + divisors).map { tensor in
      let requirement = tensor.requirement
      let storage = requirement.role == .vector ? .float32 : format
      return .init(
        requirement.name, requirement.shape.map(UInt64.init), type: storage.fileType,
        data: storage.encode(tensor.values))
    }
    return builder
  }

  /// The tensors with their values, before they are stored.
  package func values() -> [(requirement: TensorRequirement, values: [Float])] {
    var generator = SeededGenerator(seed: seed)
    return requirements.map { ($0, values(for: $0, &generator)) }
  }

  /// The tensors, as an architecture would ask for them.
  package var requirements: [TensorRequirement] {
    if architecture.isDescribed { return describedRequirements }
    let keyValueWidth = width / heads * keyValueHeads
    var list = [matrix("token_embd", width, vocabulary)]
    for layer in 0..<layers {
      let block = "blk.\(layer)"
      let hasPreNorm = architecture.placement.hasPreNorm
      if hasPreNorm { list.append(vector("\(block).attn_norm")) }
      list += [
        matrix("\(block).attn_q", width, width),
        matrix("\(block).attn_k", width, keyValueWidth),
        matrix("\(block).attn_v", width, keyValueWidth),
        matrix("\(block).attn_output", width, width),
      ]
      if hasPreNorm { list.append(vector("\(block).ffn_norm")) }
      if architecture.isGated { list.append(matrix("\(block).ffn_gate", width, feedForward)) }
      list += [
        matrix("\(block).ffn_up", width, feedForward),
        matrix("\(block).ffn_down", feedForward, width),
      ]
      list += peculiarities(of: block)
    }
    list.append(vector("output_norm"))
    return isTied ? list : list + [matrix("output", width, vocabulary)]
  }

  /// The tensors that a layer has beyond those of Llama's.
  private func peculiarities(of block: String) -> [TensorRequirement] {
    var list: [TensorRequirement] = []
    let (heads, keyValueWidth) = (width / heads, width / heads * keyValueHeads)
    if architecture.hasInputBias {
      list += [
        .bias("\(block).attn_q", width), .bias("\(block).attn_k", keyValueWidth),
        .bias("\(block).attn_v", keyValueWidth),
      ]
    }
    if architecture.hasOutputBias { list.append(.bias("\(block).attn_output", width)) }
    if architecture.hasFeedForwardBias {
      list += [
        .bias("\(block).ffn_gate", feedForward), .bias("\(block).ffn_up", feedForward),
        .bias("\(block).ffn_down", width),
      ]
    }
    switch architecture.queryKeyNorm {
    case .head?:
      list += [.vector("\(block).attn_q_norm", heads), .vector("\(block).attn_k_norm", heads)]
    case .row?:
      list += [
        .vector("\(block).attn_q_norm", width), .vector("\(block).attn_k_norm", keyValueWidth),
      ]
    case .ownHead?, nil: break
    }
    if architecture.placement.hasPostNorm {
      list += [vector("\(block).post_attention_norm"), vector("\(block).post_ffw_norm")]
    }
    return list
  }

  private var hyperParameters: [GGUFBuilder.Entry] {
    let prefix = architecture.name
    let common: [GGUFBuilder.Entry] = [
      .init("general.architecture", .text(architecture.name)),
      .init("general.name", .text("Tiny")),
      .init("\(prefix).block_count", .uint32(UInt32(layers))),
      .init("\(prefix).context_length", .uint32(UInt32(context))),
      .init("\(prefix).embedding_length", .uint32(UInt32(width))),
      .init("\(prefix).feed_forward_length", .uint32(UInt32(feedForward))),
      .init("\(prefix).attention.head_count", .uint32(UInt32(heads))),
      .init("\(prefix).attention.head_count_kv", .uint32(UInt32(keyValueHeads))),
      .init("\(prefix).rope.freq_base", .float32(10_000)),
      .init("\(prefix).attention.layer_norm_rms_epsilon", .float32(1e-5)),
      .init("\(prefix).attention.layer_norm_epsilon", .float32(1e-3)),
      .init("\(prefix).vocab_size", .uint32(UInt32(vocabulary))),
      .init("\(prefix).rope.dimension_count", .uint32(UInt32(width / heads))),
    ]
    let own =
      architecture.entries.map { GGUFBuilder.Entry("\(prefix).\($0.key)", $0.value) }
      + architecture.globals.map { GGUFBuilder.Entry($0.key, $0.value) }
    let stated = Set(own.map(\.key))
    return common.filter { !stated.contains($0.key) } + own
  }

  /// The tensors, with some of each layer, or of each expert, put together as one.
  ///
  /// - Parameter parts: The names of those, by the name of the one.
  static func fused(
    _ tensors: [(requirement: TensorRequirement, values: [Float])], _ parts: [String: [String]]
  ) -> [(requirement: TensorRequirement, values: [Float])] {
    let whole = Dictionary(
      uniqueKeysWithValues: parts.flatMap { one in one.value.map { ($0, one) } })
    return tensors.compactMap { tensor in
      let pieces = tensor.requirement.name.split(separator: ".").map(String.init)
      guard pieces.count >= 4, let one = whole[pieces[2]],
        !Self.isGated(pieces[1], tensors) || !one.key.hasPrefix("attn_qkv")
      else { return tensor }
      guard one.value.first == pieces[2] else { return nil }
      let rest = pieces[3...].joined(separator: ".")
      let names = one.value.map { "\(pieces[0]).\(pieces[1]).\($0).\(rest)" }
      let members = names.compactMap { name in tensors.first { $0.requirement.name == name } }
      let rows = members.reduce(0) { $0 + ($1.requirement.shape.last ?? 0) }
      var requirement = TensorRequirement(
        "\(pieces[0]).\(pieces[1]).\(one.key).\(rest)",
        shape: tensor.requirement.shape.dropLast() + [rows], role: tensor.requirement.role)
      requirement.isPart = tensor.requirement.isPart
      return (requirement, members.flatMap(\.values))
    }
  }

  /// Whether the queries of a layer stand with gates.
  private static func isGated(
    _ layer: String, _ tensors: [(requirement: TensorRequirement, values: [Float])]
  ) -> Bool {
    let queries = tensors.first { $0.requirement.name == "blk.\(layer).attn_q.weight" }
    let output = tensors.first { $0.requirement.name == "blk.\(layer).attn_output.weight" }
    guard let queries, let output else { return false }
    return queries.requirement.shape[1] == 2 * output.requirement.shape[0]
  }

  /// The tensors, with the gates of attention put behind the queries of each head.
  func gatesJoined(
    _ tensors: [(requirement: TensorRequirement, values: [Float])]
  ) -> [(requirement: TensorRequirement, values: [Float])] {
    tensors.compactMap { tensor in
      let name = tensor.requirement.name
      guard !name.contains("attn_q_gate") else { return nil }
      let gateName = name.replacing("attn_q.weight", with: "attn_q_gate.weight")
      guard gateName != name, let gate = tensors.first(where: { $0.requirement.name == gateName })
      else { return tensor }
      let count = tensor.values.count / heads
      let values = (0..<heads).flatMap { head in
        let own = head * count..<(head + 1) * count
        return tensor.values[own] + gate.values[own]
      }
      let shape = tensor.requirement.shape
      let both = TensorRequirement(name, shape: [shape[0], 2 * shape[1]], role: .matrix)
      return (both, values)
    }
  }

  /// The tensors, with those of heads and of experts put together.
  ///
  /// - Parameter isJoined: Whether those of a name are.
  static func joined(
    _ tensors: [(requirement: TensorRequirement, values: [Float])],
    where isJoined: (String) -> Bool = { _ in true }
  ) -> [(requirement: TensorRequirement, values: [Float])] {
    tensors.compactMap { tensor in
      guard tensor.requirement.isPart, isJoined(tensor.requirement.name) else { return tensor }
      let pieces = tensor.requirement.name.split(separator: ".").map(String.init)
      // Outside of layers they stay apart.
      guard pieces.count == 5 else { return tensor }
      guard pieces[3] == "0" else { return nil }
      let start = "\(pieces[0]).\(pieces[1]).\(pieces[2])."
      let parts = tensors.filter {
        $0.requirement.isPart && $0.requirement.name.hasPrefix(start)
          && $0.requirement.name.hasSuffix(".\(pieces[4])")
      }
      let requirement = TensorRequirement(
        "\(start)\(pieces[4])", shape: tensor.requirement.shape + [parts.count],
        role: tensor.requirement.role)
      return (requirement, parts.flatMap(\.values))
    }
  }

  private func matrix(_ name: String, _ columns: Int, _ rows: Int) -> TensorRequirement {
    TensorRequirement("\(name).weight", shape: [columns, rows], role: .matrix)
  }

  private func vector(_ name: String) -> TensorRequirement {
    TensorRequirement("\(name).weight", shape: [width], role: .vector)
  }

  private func values(
    for requirement: TensorRequirement, _ generator: inout SeededGenerator
  ) -> [Float] {
    let shape = requirement.shape
    let count = shape.reduce(1, *)
    guard requirement.role == .vector else {
      return generator.normal(count: count, deviation: 1 / Float(shape[0]).squareRoot())
    }
    if requirement.name.hasSuffix("ssm_a") {
      // Below 0, such that it is found again by its logarithm.
      return generator.normal(count: count, deviation: 0.2).map { -Float(exp(Double($0))) }
    }
    if requirement.name.contains("conv") {
      return generator.normal(count: count, deviation: 1 / Float(shape[0]).squareRoot())
    }
    // The scales of norms are near 1, biases near 0.
    let mean: Float = requirement.name.hasSuffix(".bias") ? 0 : 1
    return generator.normal(count: count, deviation: 0.05).map { mean + $0 }
  }
}

extension TensorRequirement {
  /// The requirement with another name for what the tensor of a layer is for.
  fileprivate func renamed(_ names: [String: String]) -> TensorRequirement {
    let pieces = name.split(separator: ".").map(String.init)
    if pieces.count == 2, let other = names[pieces[0]] {
      return TensorRequirement("\(other).\(pieces[1])", shape: shape, role: role)
    }
    guard pieces.count == 4, let other = names[pieces[2]] else { return self }
    return TensorRequirement(
      "\(pieces[0]).\(pieces[1]).\(other).\(pieces[3])", shape: shape, role: role)
  }
}
