import GPTModel
import JSON
import ModelFiles
package import Tensor
import Tokenizers

/// Writes a model with the weights that it has now, in the files that others read.
package struct ModelExport {
  private let model: TrainableModel
  private let name: String

  /// Names the model, and what the files are to call it; nil for the name that it has.
  package init(_ model: TrainableModel, name: String? = nil) {
    self.model = model
    self.name = name ?? model.source.names.first ?? "model"
  }

  private var shape: ModelShape { model.shape }

  /// The files of a folder as Hugging Face publishes models: safetensors, `config.json`, `tokenizer.json`
  /// and `tokenizer_config.json`.
  package func folder() throws(TrainingError) -> [String: [UInt8]] {
    let layout = FolderLayout(
      shape: shape, ends: model.tokenizer.endsOfSequence.sorted().map { Int($0) },
      beginning: model.tokenizer.beginningOfSequence.map { Int($0) })
    return [
      "config.json": layout.configuration,
      "generation_config.json": layout.generation,
      "model.safetensors": tensorFile(),
      "tokenizer.json": try tokenizerDocument().bytes,
      "tokenizer_config.json": tokenizerConfiguration().bytes,
    ]
  }

  private func tensorFile() -> [UInt8] {
    let moved = model.decoder.parameters.tensors.map { tensor in
      let values = UnsafeBufferPointer(model.weights[tensor.range])
      let order = RotaryOrder(headLength: shape.headLength, columns: tensor.columns)
      return tensor.isRotated ? order.halves(of: values) : Array(values)
    }
    return TensorFile.encode(
      zip(model.decoder.parameters.tensors, moved).map { tensor, values in
        (FolderLayout.name(of: tensor), Array(tensor.dimensions.reversed()), values)
      })
  }

  private func tokenizerDocument() throws(TrainingError) -> JSONWriter {
    var json = JSONWriter()
    switch model.source.vocabulary {
    case .gguf(let metadata): json.value(try ByteLevelVocabulary(metadata).document)
    case .folder(let files):
      guard case .tokenizer(let document) = files.tokenizer else {
        throw TrainingError(
          .configuration, field: "tokenizer", "the model has no tokenizer.json to write again")
      }
      json.value(document)
    }
    return json
  }

  private func tokenizerConfiguration() -> JSONWriter {
    var object = JSONObject()
    if case .folder(let files) = model.source.vocabulary, let found = files.configuration {
      object = found
    }
    let tokenizer = model.tokenizer
    for (member, token) in [
      ("bos_token", tokenizer.beginningOfSequence), ("eos_token", tokenizer.endOfSequence),
    ] where object[member] == nil {
      object[member] = token.flatMap(tokenizer.specialText(of:)).map(JSONValue.string)
    }
    if !model.templateSource.isEmpty { object["chat_template"] = .string(model.templateSource) }
    var json = JSONWriter()
    json.value(.object(object))
    return json
  }

  /// A GGUF file whose matrices are stored in a format, and its vectors in single precision.
  ///
  /// - Parameters:
  ///   - format: The format of matrices whose rows it divides; those of vocabularies keep more bits, and others
  ///     all of them.
  package func gguf(_ format: any WritableFormat.Type) throws(TrainingError) -> [UInt8] {
    var writer = GGUFWriter()
    writeSizes(to: &writer, format: format)
    try writeVocabulary(to: &writer)
    for tensor in model.decoder.parameters.tensors {
      let stored = Self.format(of: tensor, format)
      writer.add(
        tensor: tensor.name, dimensions: tensor.dimensions, format: stored,
        bytes: stored.encode(UnsafeBufferPointer(model.weights[tensor.range])))
    }
    return writer.bytes
  }

  private static func format(
    of tensor: ParameterTensor, _ wanted: any WritableFormat.Type
  ) -> any WritableFormat.Type {
    guard tensor.role != .norm, tensor.columns.isMultiple(of: wanted.blockLength) else {
      return F32.self
    }
    // The vocabulary's rows decide each token directly, and are read once.
    return tensor.role == .vocabulary && wanted.name == Q4_1.name ? Q8_0.self : wanted
  }

  private func writeSizes(to writer: inout GGUFWriter, format: any WritableFormat.Type) {
    let types: [String: UInt32] = [Q8_0.name: 7, Q4_1.name: 3]
    writer.add("general.architecture", .string("llama"))
    writer.add("general.name", .string(name))
    writer.add("general.file_type", .unsigned(types[format.name] ?? 0))
    writer.add("general.quantization_version", .unsigned(2))
    let sizes = [
      ("block_count", shape.layers), ("context_length", shape.context),
      ("embedding_length", shape.width), ("feed_forward_length", shape.feedForward),
      ("attention.head_count", shape.queryHeads),
      ("attention.head_count_kv", shape.keyValueHeads),
      ("attention.key_length", shape.headLength), ("attention.value_length", shape.headLength),
      ("rope.dimension_count", shape.headLength), ("vocab_size", shape.vocabulary),
    ]
    for (key, size) in sizes { writer.add("llama.\(key)", .unsigned(UInt32(size))) }
    writer.add("llama.attention.layer_norm_rms_epsilon", .float(shape.epsilon))
    writer.add("llama.rope.freq_base", .float(Float(shape.ropeBase)))
  }

  private func writeVocabulary(to writer: inout GGUFWriter) throws(TrainingError) {
    switch model.source.vocabulary {
    case .gguf(let metadata):
      for key in metadata.keys where key.hasPrefix("tokenizer.") {
        if let entry = metadata[key] { writer.add(key, .copied(entry.value)) }
      }
    case .folder(let files):
      guard case .tokenizer(let document) = files.tokenizer else {
        throw TrainingError(.configuration, field: "tokenizer", "the model has no tokenizer.json")
      }
      try ByteLevelVocabulary(document: document).write(to: &writer, rows: shape.vocabulary)
      writeMarks(to: &writer)
    }
  }

  private func writeMarks(to writer: inout GGUFWriter) {
    let tokenizer = model.tokenizer
    if let token = tokenizer.beginningOfSequence {
      writer.add("tokenizer.ggml.bos_token_id", .unsigned(UInt32(token)))
    }
    if let token = tokenizer.endOfSequence {
      writer.add("tokenizer.ggml.eos_token_id", .unsigned(UInt32(token)))
      if let other = tokenizer.endsOfSequence.filter({ $0 != token }).min() {
        writer.add("tokenizer.ggml.eot_token_id", .unsigned(UInt32(other)))
      }
    }
    writer.add("tokenizer.ggml.add_bos_token", .bool(tokenizer.addsBeginningOfSequence))
    if !model.templateSource.isEmpty {
      writer.add("tokenizer.chat_template", .string(model.templateSource))
    }
  }
}
