/// A byte-level vocabulary: three control tokens, the 256 bytes, a few merges, and unused tokens.
package struct TinyVocabulary: Sendable {
  /// The pairs that merge, most urgent first; `Ġ` is the byte of a space.
  package static let merges = [
    "t h", "th e", "Ġ the", "i n", "e r", "a n", "an d", "Ġ and", "Ġ a", "l l",
  ]
  /// The control tokens, which take the first numbers.
  package static let controls = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
  /// The fewest tokens such a vocabulary has.
  package static let minimum = controls.count + 256 + merges.count

  /// The template of a conversation.
  package static let chatTemplate = """
    {% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' \
    + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}\
    {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
    """

  /// The tokens by number.
  package let tokens: [String]
  /// The kind of every token: 1 normal, 3 control, 5 unused.
  package let types: [Int32]

  /// Creates a vocabulary, filled up with unused tokens to the given count.
  package init(count: Int) {
    let merged = Self.merges.map { $0.filter { $0 != " " } }
    let fillers = max(0, count - Self.minimum)
    tokens =
      Self.controls + Self.byteCharacters.map { String($0) } + merged
      + (0..<fillers).map { "<unused\($0)>" }
    types =
      Self.controls.map { _ in 3 } + [Int32](repeating: 1, count: 256 + merged.count)
      + [Int32](repeating: 5, count: fillers)
  }

  /// The character that stands for each byte: itself where it prints, else the next from U+0100 on.
  package static let byteCharacters: [Character] = {
    var next: UInt32 = 256
    return (UInt32(0)...255).map { byte in
      let prints = (33...126).contains(byte) || (161...172).contains(byte) || byte >= 174
      let scalar = Unicode.Scalar(prints ? byte : next).map { Character($0) }
      if !prints { next += 1 }
      return scalar ?? "?"
    }
  }()

  /// The metadata that describes the vocabulary.
  package var entries: [GGUFBuilder.Entry] {
    [
      .init("tokenizer.ggml.model", .text("gpt2")),
      .init("tokenizer.ggml.pre", .text("smollm")),
      .init("tokenizer.ggml.tokens", .texts(tokens)),
      .init("tokenizer.ggml.token_type", .int32s(types)),
      .init("tokenizer.ggml.merges", .texts(Self.merges)),
      .init("tokenizer.ggml.bos_token_id", .uint32(1)),
      .init("tokenizer.ggml.eos_token_id", .uint32(2)),
      .init("tokenizer.ggml.unknown_token_id", .uint32(0)),
      .init("tokenizer.ggml.add_bos_token", .bool(0)),
      .init("tokenizer.ggml.add_space_prefix", .bool(0)),
      .init("tokenizer.chat_template", .text(Self.chatTemplate)),
      .init("general.quantization_version", .uint32(2)),
    ]
  }
}
