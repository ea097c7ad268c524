package import JSON
import ModelFiles
package import Tokenizers

/// A model with the first weights of a seed.
package struct NewModel {
  /// The control tokens of a vocabulary that is trained here, behind its pieces.
  package static let controls = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

  /// The chat template of a model that is made here: ChatML.
  package static let template = """
    {% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' \
    + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}\
    {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
    """

  private let name: String
  private let shape: ModelShape
  private let tokenizer: JSONValue

  /// Names the sizes and a `tokenizer.json` with the control tokens.
  package init(name: String, shape: ModelShape, tokenizer: JSONValue) {
    self.name = name
    self.shape = shape
    self.tokenizer = tokenizer
  }

  /// The tokenizer alone.
  package static func tokenizer(_ document: JSONValue) throws -> Tokenizer {
    let vocabulary = try Vocabulary(
      tokenizer: document, configuration: configuration, ends: [],
      rows: BytePairTrainer.largestVocabulary)
    return try Tokenizer(vocabulary)
  }

  /// Makes the model.
  package func model(seed: UInt64) throws -> TrainableModel {
    let decoder = try TrainableDecoder(shape)
    let weights = try FloatBuffer(count: decoder.parameters.count)
    FirstWeights.fill(weights, decoder, seed: seed)
    let end = Self.token("<|im_end|>", in: tokenizer)
    let layout = FolderLayout(shape: shape, ends: end.map { [$0] } ?? [], beginning: nil)
    var (text, configuration) = (JSONWriter(), JSONWriter())
    text.value(tokenizer)
    configuration.value(.object(Self.configuration))
    let tensors = decoder.parameters.tensors.map { tensor in
      (
        FolderLayout.name(of: tensor), Array(tensor.dimensions.reversed()),
        Array(weights[tensor.range])
      )
    }
    return try TrainableModel(
      source: FolderSource(
        MemoryFolder(
          name: name,
          files: [
            "config.json": layout.configuration, "generation_config.json": layout.generation,
            "tokenizer.json": text.bytes, "tokenizer_config.json": configuration.bytes,
            "model.safetensors": TensorFile.encode(tensors),
          ])))
  }

  private static var configuration: JSONObject {
    JSONObject([("eos_token", .string("<|im_end|>")), ("chat_template", .string(template))])
  }

  /// The number of an added token.
  private static func token(_ text: String, in document: JSONValue) -> Int? {
    guard case .object(let object) = document, case .array(let added)? = object["added_tokens"]
    else { return nil }
    for entry in added {
      if case .object(let entry) = entry, entry["content"] == .string(text),
        case .integer(let token)? = entry["id"]
      {
        return token
      }
    }
    return nil
  }
}
