import GPTModel

/// A model file that other programs write or read, with one oddity.
package struct OddFile: Sendable {
  /// What tests and the table of the documentation call it.
  package let name: String
  /// What is odd, in a few words.
  package let oddity: String
  /// The file.
  package let bytes: [UInt8]

  /// All odd files.
  package static let all: [OddFile] = [
    frames, alignments, ends, beginnings, kinds, pieces, preTokenizers, templates, rotary, sizes,
    keys, tensors, wrong,
  ].flatMap { $0 }

  /// A small Llama with the special tokens of Llama 3 and of ChatML.
  ///
  /// - Parameter change: Makes it odd.
  static func file(
    _ name: String, _ oddity: String, _ change: (inout GGUFBuilder) -> Void = { _ in }
  ) -> OddFile {
    OddFile(name: name, oddity: oddity, bytes: builder(change).bytes())
  }

  /// The fields of such a file.
  package static func builder(
    tokens: [(String, Int32)] = vocabulary, _ change: (inout GGUFBuilder) -> Void = { _ in }
  ) -> GGUFBuilder {
    var model = TinyModel.least
    model.vocabulary = tokens.count
    var builder = model.builder()
    builder["tokenizer.ggml.pre"] = .text("llama-bpe")
    builder["tokenizer.ggml.tokens"] = .texts(tokens.map(\.0))
    builder["tokenizer.ggml.token_type"] = .int32s(tokens.map(\.1))
    builder["tokenizer.ggml.bos_token_id"] = .uint32(token("<|begin_of_text|>"))
    builder["tokenizer.ggml.eos_token_id"] = .uint32(token("<|eot_id|>"))
    builder["tokenizer.ggml.add_bos_token"] = nil
    builder["tokenizer.ggml.unknown_token_id"] = nil
    builder["tokenizer.chat_template"] = .text(llama3)
    change(&builder)
    return builder
  }

  /// The tokens with their types: bytes, what merges make, and special tokens.
  package static let vocabulary: [(String, Int32)] = {
    let merged = TinyVocabulary.merges.map { $0.filter { $0 != " " } }
    let texts = TinyVocabulary.byteCharacters.map { String($0) } + merged
    return texts.map { ($0, 1) } + specials.map { ($0, 3) }
  }()

  /// The special tokens, the last ones of the vocabulary.
  package static let specials = [
    "<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>",
    "<|eot_id|>", "<|eom_id|>", "<|im_start|>", "<|im_end|>", "<|endoftext|>",
  ]

  /// The number of a token.
  package static func token(_ text: String) -> UInt32 {
    UInt32(vocabulary.firstIndex { $0.0 == text } ?? 0)
  }

  /// The vocabulary with other types, or with further tokens.
  static func with(
    type: (String, Int32) -> Int32 = { $1 }, adding further: [(String, Int32)] = []
  ) -> [(String, Int32)] {
    vocabulary.map { ($0.0, type($0.0, $0.1)) } + further
  }

  /// The layout of Llama 3's conversations.
  static let llama3 = """
    {{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>

    {{ m.content | trim }}<|eot_id|>{% endfor %}\
    {% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>

    {% endif %}
    """

  /// The layout of ChatML.
  static let chatML = TinyVocabulary.chatTemplate
}
