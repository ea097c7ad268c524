import Tensor

/// Finds the canonical names of a folder's tensors.
struct FolderTensorNames {
  private let naming: TensorNaming
  private let inside: [String: String]
  private let outside: [String: String]
  private let prefix: String
  private let isTied: Bool

  /// What may stand before the names of a decoder's tensors.
  private static let prefixes = [
    "model.language_model.", "language_model.model.", "model.", "transformer.", "gpt_neox.",
    "backbone.", "model.decoder.", "decoder.", "bert.", "roberta.",
    "distilbert.", "",
  ]
  /// The beginnings and ends of names of tensors that a decoder of text has no use for.
  private static let unusedBeginnings = [
    "vision_tower.", "model.vision_tower.", "vision_model.", "visual.", "model.visual.",
    "multi_modal_projector.",
    "model.multi_modal_projector.", "audio_tower.", "model.audio_tower.", "embed_vision.",
    "model.embed_vision.", "embed_audio.", "model.embed_audio.", "mtp.", "model.mtp.",
  ]
  private static let unusedEndings = [
    ".rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias", ".attention.bias",
    ".attention.masked_bias", ".position_ids",
  ]
  /// What may stand outside the decoder, by canonical name.
  private static let besides: Set = [
    "output", "cls", "cls.norm", "cls.output", "dense_2", "dense_3",
  ]

  /// Looks for what stands before the names.
  init(_ tensors: FolderTensors, naming: TensorNaming, isTied: Bool) {
    self.naming = naming
    inside = naming.canonicalNames(inLayers: true)
    outside = naming.canonicalNames(inLayers: false)
    self.isTied = isTied
    let embedding = "\(naming.folderNames["token_embd"] ?? "embed_tokens").weight"
    let names = Set(tensors.entries.map(\.tensor.name))
    prefix = Self.prefixes.first { names.contains($0 + embedding) } ?? "model."
  }

  /// Looks for what stands before the names of layers' matrices, given without what stands behind them.
  init(_ matrices: [String], naming: TensorNaming) {
    self.naming = naming
    inside = naming.canonicalNames(inLayers: true)
    outside = naming.canonicalNames(inLayers: false)
    isTied = false
    prefix =
      Self.prefixes.first { prefix in
        matrices.contains { $0.hasPrefix("\(prefix)\(naming.layers).") }
      } ?? "model."
  }

  /// The canonical name of a matrix that is given without what stands behind its name, and how files order
  /// its rows; nil where none is known.
  func matrix(_ name: String) -> (name: String, order: RowOrder)? {
    guard let (name, base) = canonicalName("\(name).weight") else { return nil }
    return (name, order(of: base, isWeight: true, rank: 2).subtracting(.transposed))
  }

  /// The tensor under its canonical name, or under the file's where no canonical one is known; nil for
  /// one that is not needed.
  func tensor(_ tensor: FolderTensor) throws(ModelError) -> SourceTensor? {
    guard !isUnused(tensor.name) else { return nil }
    let (name, base) = canonicalName(tensor.name) ?? (tensor.name, "")
    var order = order(of: base, isWeight: name.hasSuffix(".weight"), rank: tensor.shape.count)
    // Rows that are made are those of a product.
    if tensor.assembled != nil { order.remove(.transposed) }
    if name == "output.weight", isTied { return nil }
    guard let format = tensor.format else {
      throw ModelError(
        .unsupported, field: tensor.name,
        "stored as \(tensor.type); \(FolderTypes.names.joined(separator: ", ")) are supported")
    }
    var found = SourceTensor(
      name: name, fileName: tensor.name,
      dimensions: order.contains(.transposed)
        ? tensor.shape.suffix(2) + tensor.shape.dropLast(2) : tensor.shape.reversed(),
      format: format, byteRange: tensor.byteRange,
      offset: naming.addsOne.contains(base) && name.hasSuffix(".weight") ? 1 : 0)
    found.order = order
    found.isLogarithm = TensorNaming.logarithms.contains(base)
    return found
  }

  /// How the file orders the rows of a tensor; those of all experts are one tensor of three dimensions.
  private func order(of base: String, isWeight: Bool, rank: Int) -> RowOrder {
    var order: RowOrder = []
    if isWeight, rank == (base.hasSuffix("_exps") ? 3 : 2), naming.transposed.contains(base) {
      order.insert(.transposed)
    }
    if naming.byHead.contains(base) { order.insert(.byHead) }
    if naming.alternating.contains(base) { order.insert(.alternating) }
    return order
  }

  /// The number of the layer that a tensor belongs to; nil outside of layers.
  func layer(of name: String) -> Int? {
    guard name.hasPrefix(prefix) else { return nil }
    return layer(of: name.dropFirst(prefix.count))?.0
  }

  private func isUnused(_ name: String) -> Bool {
    Self.unusedBeginnings.contains { name.hasPrefix($0) }
      || Self.unusedEndings.contains { name.hasSuffix($0) }
      || naming.unused.contains { name.hasPrefix($0) || name.hasPrefix(prefix + $0) }
  }

  /// The canonical name, and the part of it that says what the tensor is for.
  private func canonicalName(_ name: String) -> (String, String)? {
    var rest = name[...]
    let isInside = rest.hasPrefix(prefix)
    if isInside {
      rest = rest.dropFirst(prefix.count)
    } else if rest.hasPrefix("language_model.") {
      rest = rest.dropFirst("language_model.".count)
    }
    if isInside, let (layer, part) = layer(of: rest), let base = inside[String(part)] {
      // Figures of a function and the like, whose names do not end in what they are.
      let kinds = [".bias", ".scale"].filter { base.hasSuffix($0) }
      let kind = !kinds.isEmpty || TensorNaming.bare.contains(base) ? "" : ".weight"
      return ("blk.\(layer).\(base)\(kind)", String(base.dropLast(kinds.first?.count ?? 0)))
    }
    guard let dot = rest.lastIndex(of: ".") else { return nil }
    let kind = rest[dot...]
    guard kind == ".weight" || kind == ".bias" else { return nil }
    rest = rest[..<dot]
    guard rest.hasPrefix("\(naming.layers).") else {
      // Nothing but heads stands outside the decoder.
      let base = outside[String(rest)].flatMap {
        isInside || Self.besides.contains($0) ? $0 : nil
      }
      return base.map { ("\($0)\(kind)", $0) }
    }
    guard isInside, let (layer, name) = layer(of: rest), let base = part(name) else { return nil }
    return ("blk.\(layer).\(base.name)\(base.number)\(kind)", base.name)
  }

  /// The number of a layer, and what its tensor is called within; nil outside of layers.
  private func layer(of name: Substring) -> (Int, Substring)? {
    guard name.hasPrefix("\(naming.layers).") else { return nil }
    let parts = name.dropFirst(naming.layers.count + 1)
      .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let layer = Int(parts[0]), layer >= 0, String(layer) == parts[0]
    else { return nil }
    return (layer, parts[1])
  }

  /// The canonical name of a part of a layer, and for what heads and experts have of their own the number
  /// after a dot.
  private func part(_ name: Substring) -> (name: String, number: String)? {
    if let base = inside[String(name)] { return (base, "") }
    var parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard let place = parts.lastIndex(where: { Int($0).map { $0 >= 0 } ?? false }),
      let number = Int(parts[place]), "\(number)" == parts[place]
    else { return nil }
    if place == parts.count - 1 { parts.removeLast() } else { parts[place] = "#" }
    return inside[parts.joined(separator: ".")].map { ($0, ".\(number)") }
  }
}
