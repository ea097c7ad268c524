import Foundation
package import GPTModel

extension TinyModel {
  /// The same model as a folder: the very weights of `builder()`, under the names and in the order of
  /// rows that published folders have.
  ///
  /// - Parameters:
  ///   - prefix: What stands before the decoder's names.
  ///   - storage: How the tensor of a canonical name is stored.
  package func folder(
    prefix: String = "model.", storage: (String) -> GGUFWeightFormat = { _ in .float32 }
  ) -> FolderBuilder {
    let published = values().map {
      (requirement: $0.requirement, values: asPublished($0.values, $0.requirement.name))
    }
    let fused = Self.fused(
      Self.withJointLatents(gatesJoined(published)), architecture.fusedInFolders)
    let joined = Self.joined(fused) {
      $0.contains("_exps.") ? architecture.stacksExpertsInFolders : architecture.hasRowsInFolders
    }
    let tensors = joined.map(rearranged).map { tensor in
      let name = tensor.requirement.name
      let format = storage(firstPart(of: name))
      return SafetensorsBuilder.Tensor(
        folderName(of: name, prefix: prefix), folderShape(of: tensor.requirement),
        type: format.layout.name,
        data: format.encode(tensor.values))
    }
    let numbers = (0..<layers).flatMap { layer in
      architecture.numbersInFolders.sorted { $0.key < $1.key }.map { name, value in
        SafetensorsBuilder.Tensor(
          "\(prefix)\(naming.layers).\(layer).\(name)", [1], type: "F32",
          data: GGUFWeightFormat.float32.encode([value]))
      }
    }
    var folder = FolderBuilder(
      configuration: configuration, tokenizer: TinyVocabulary(count: vocabulary).folderTokenizer,
      tensors: SafetensorsBuilder(tensors + numbers))
    folder.generation = ["eos_token_id": [2]]
    folder.tokenizerConfiguration = ["chat_template": .string(TinyVocabulary.chatTemplate)]
    return folder
  }

  /// The shape that folders have, the fastest-running length last.
  private func folderShape(of requirement: TensorRequirement) -> [Int] {
    let shape = Array(requirement.shape.reversed())
    if requirement.role == .vector, requirement.name.contains("conv"), shape.count == 2 {
      return [shape[0], 1, shape[1]]
    }
    return requirement.name.hasSuffix("ssm_norm.weight") ? [shape.reduce(1, *)] : shape
  }

  /// The first of the tensors that a tensor of the folder stands for.
  private func firstPart(of name: String) -> String {
    let pieces = name.split(separator: ".").map(String.init)
    guard pieces.count >= 4, let first = architecture.fusedInFolders[pieces[2]]?.first else {
      return name
    }
    return "\(pieces[0]).\(pieces[1]).\(first).\(pieces[3...].joined(separator: "."))"
  }

  /// The tensor's name in a folder, by its canonical one.
  package func folderName(of name: String, prefix: String = "model.") -> String {
    let parts = name.split(separator: ".").map(String.init)
    guard parts[0] == "blk" else {
      let own = parts.dropLast().joined(separator: ".")
      let base = naming.folderNames[own] ?? own
      return (own == "output" ? "" : prefix) + "\(base).\(parts[parts.count - 1])"
    }
    let start = "\(prefix)\(naming.layers).\(parts[1])."
    let kind = parts[parts.count - 1]
    let named = naming.folderNames[parts[2]] ?? parts[2]
    if named.contains("#") {
      // Of one expert, or of all together.
      let number = parts.count > 4 ? "\(parts[3])." : ""
      return "\(start)\(named.split(separator: "#.").joined(separator: number)).\(kind)"
    }
    let whole = parts[2...].joined(separator: ".")
    let stem = parts[2..<max(3, parts.count - 1)].joined(separator: ".")
    let base =
      naming.folderNames[whole]
      ?? naming.folderNames[stem].map { parts.count == 3 ? $0 : "\($0).\(kind)" }
      ?? ([named] + parts[3...]).joined(separator: ".")
    return start + base
  }

  private var naming: TensorNaming {
    architecture.naming
      ?? Architectures.all.first { $0.names.contains(architecture.folderName) }?.naming ?? .standard
  }

  /// The model from a GGUF file, or where there are none from a folder.
  package func source() throws -> any ModelSource {
    if architecture.isInFoldersOnly { return try FolderSource(folder().folder()) }
    return try GGUFSource(MemorySource(bytes()))
  }

  /// The tensors that the architecture's description of `config.json` asks for.
  var describedRequirements: [TensorRequirement] {
    let folder = FolderBuilder(
      configuration: configuration, tokenizer: TinyVocabulary(count: vocabulary).folderTokenizer,
      tensors: SafetensorsBuilder([]))
    guard let configuration = try? FolderSource(folder.folder()).configuration,
      let spec = try? Architectures.named(configuration).spec(configuration)
    else { preconditionFailure("\(architecture.label) is not described as it is configured") }
    return spec.tensors.filter { $0.presence == .required }
  }

  /// A tensor's values in the order in which folders have them: what is fused by key-value head or row by
  /// row, or columns for rows.
  private func rearranged(
    _ tensor: (requirement: TensorRequirement, values: [Float])
  ) -> (requirement: TensorRequirement, values: [Float]) {
    let (requirement, values) = tensor
    let pieces = requirement.name.split(separator: ".").map(String.init)
    guard pieces.count == 4 else { return tensor }
    let isMatrix = requirement.role == .matrix
    let columns = isMatrix ? requirement.shape[0] : 1
    let rows = isMatrix ? requirement.shape[1] : requirement.shape[0]
    var order = Array(0..<rows)
    if naming.byHead.contains(pieces[2]) { order = orderByHead }
    if naming.alternating.contains(pieces[2]) {
      order = (0..<rows).map { $0 / 2 + $0 % 2 * (rows / 2) }
    }
    let isTransposed = isMatrix && naming.transposed.contains(pieces[2])
    let starts = stride(from: 0, to: values.count, by: rows * columns)
    var published: [Float] = []
    for start in starts {
      if isTransposed {
        for column in 0..<columns {
          for row in order { published.append(values[start + row * columns + column]) }
        }
      } else {
        for row in order {
          let first = start + row * columns
          published += values[first..<first + columns]
        }
      }
    }
    guard isTransposed else { return (requirement, published) }
    let turned = TensorRequirement(
      requirement.name,
      shape: [requirement.shape[1], requirement.shape[0]] + requirement.shape.dropFirst(2),
      role: requirement.role)
    return (turned, published)
  }

  /// The rows of queries, keys and values in the order by key-value head, where those of queries stand before
  /// those of keys, and those before the values'.
  private var orderByHead: [Int] {
    let (length, shared) = (width / heads, heads / keyValueHeads)
    var order: [Int] = []
    for group in 0..<keyValueHeads {
      let starts = [group * shared, heads + group, heads + keyValueHeads + group]
      for (start, count) in zip(starts, [shared, 1, 1]) {
        order += start * length..<(start + count) * length
      }
    }
    return order
  }

  /// `config.json` in the older spelling.
  private var configuration: JSONText {
    var configuration: JSONText = [
      "model_type": .string(architecture.folderName),
      "hidden_size": .number(width),
      "intermediate_size": .number(feedForward),
      "num_hidden_layers": .number(layers),
      "num_attention_heads": .number(heads),
      "num_key_value_heads": .number(keyValueHeads),
      "head_dim": .number(width / heads),
      "max_position_embeddings": .number(context),
      "rms_norm_eps": 1e-5,
      "layer_norm_eps": 1e-3,
      "rope_theta": 10_000.0,
      "vocab_size": .number(vocabulary),
      "tie_word_embeddings": .number(isTied),
      "torch_dtype": "float32",
      "bos_token_id": 1,
      "eos_token_id": 2,
    ]
    for (name, value) in architecture.members { configuration[name] = value }
    return configuration
  }

  /// A tensor's values as folders have them: rows of queries and keys in the order in which halves are
  /// rotated together, and norms of Gemma without the 1.
  private func asPublished(_ values: [Float], _ name: String) -> [Float] {
    let base = name.split(separator: ".").dropLast().last.map(String.init) ?? ""
    if name.hasSuffix("ssm_a") { return values.map { Float(log(-Double($0))) } }
    if naming.addsOne.contains(base), !name.hasSuffix(".bias") { return values.map { $0 - 1 } }
    guard architecture.permutesRows, base == "attn_q" || base == "attn_k" else { return values }
    let headLength = width / heads
    let columns = name.hasSuffix(".bias") ? 1 : width
    let rows = stride(from: 0, to: values.count, by: columns).map { values[$0..<$0 + columns] }
    return rows.indices.flatMap { row in
      let (head, element) = row.quotientAndRemainder(dividingBy: headLength)
      let (half, pair) = element.quotientAndRemainder(dividingBy: headLength / 2)
      return rows[head * headLength + 2 * pair + half]
    }
  }
}

extension TinyVocabulary {
  /// `tokenizer.json`; unused tokens are not listed in it.
  fileprivate var folderTokenizer: JSONText {
    let listed = tokens.enumerated().filter { types[$0.offset] == 1 }
    return [
      "version": "1.0",
      "added_tokens": .array(
        Self.controls.enumerated().map {
          ["id": .number($0.offset), "content": .string($0.element), "special": true]
        }),
      "pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false],
      "decoder": ["type": "ByteLevel"],
      "model": [
        "type": "BPE",
        "vocab": .object(listed.map { (name: $0.element, value: .number($0.offset)) }),
        "merges": .array(Self.merges.map { .string($0) }),
      ],
    ]
  }
}
