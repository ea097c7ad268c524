/// A GGUF file of a small Llama with random weights and a vocabulary of single bytes.
struct TinyModelFile {
  /// The file.
  private(set) var bytes: [UInt8] = []

  private static let (layers, width, heads, keyValueHeads, feedForward) = (2, 64, 4, 2, 128)
  /// The control tokens, which come first.
  private static let controls = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
  private static let template =
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}"
    + "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"

  /// Makes a file.
  init(seed: UInt64, context: Int) {
    let tokens = Self.controls + Self.byteNames
    let shapes = Self.shapes(vocabulary: tokens.count)
    let entries = Self.entries(tokens: tokens, context: context)
    bytes = Array("GGUF".utf8)
    append(UInt32(3))
    append(UInt64(shapes.count))
    append(UInt64(entries.count))
    for (key, value) in entries {
      append(key)
      append(value)
    }
    var offset: UInt64 = 0
    for (name, shape) in shapes {
      append(name)
      append(UInt32(shape.count))
      for length in shape { append(UInt64(length)) }
      append(UInt32(0))
      append(offset)
      offset += UInt64(shape.reduce(4, *))
    }
    pad()
    var chance = Chance(state: seed)
    for (name, shape) in shapes {
      for _ in 0..<shape.reduce(1, *) {
        // Norms scale by about one; logits of some spread, so that answers vary.
        let value = shape.count == 1 ? 1 + chance.next() / 10 : chance.next() * Self.scale(name)
        append(value.bitPattern)
      }
    }
  }

  private static func scale(_ tensor: String) -> Float { tensor == "output.weight" ? 0.4 : 0.2 }

  /// The tensors; every one has a multiple of 32 bytes.
  private static func shapes(vocabulary: Int) -> [(String, [Int])] {
    let narrow = width / heads * keyValueHeads
    let layers = (0..<layers).flatMap { layer -> [(String, [Int])] in
      let block = "blk.\(layer)"
      return [
        ("\(block).attn_norm.weight", [width]), ("\(block).attn_q.weight", [width, width]),
        ("\(block).attn_k.weight", [width, narrow]), ("\(block).attn_v.weight", [width, narrow]),
        ("\(block).attn_output.weight", [width, width]), ("\(block).ffn_norm.weight", [width]),
        ("\(block).ffn_gate.weight", [width, feedForward]),
        ("\(block).ffn_up.weight", [width, feedForward]),
        ("\(block).ffn_down.weight", [feedForward, width]),
      ]
    }
    return [("token_embd.weight", [width, vocabulary])] + layers
      + [("output_norm.weight", [width]), ("output.weight", [width, vocabulary])]
  }

  /// The characters that stand for the bytes: themselves where they print, else the next from U+0100 on.
  private static var byteNames: [String] {
    var next: UInt32 = 256
    return (UInt32(0)...255).map { byte in
      let prints = (33...126).contains(byte) || (161...172).contains(byte) || byte >= 174
      defer { next += prints ? 0 : 1 }
      return Unicode.Scalar(prints ? byte : next).map { String(Character($0)) } ?? "?"
    }
  }

  /// A value of the metadata.
  private enum Value {
    case number(UInt32)
    case real(Float)
    case text(String)
    case texts([String])
    case numbers([Int32])
    case flag(Bool)
  }

  private static func entries(tokens: [String], context: Int) -> [(String, Value)] {
    [
      ("general.architecture", .text("llama")), ("general.name", .text("tiny")),
      ("llama.block_count", .number(UInt32(layers))),
      ("llama.context_length", .number(UInt32(clamping: context))),
      ("llama.embedding_length", .number(UInt32(width))),
      ("llama.feed_forward_length", .number(UInt32(feedForward))),
      ("llama.attention.head_count", .number(UInt32(heads))),
      ("llama.attention.head_count_kv", .number(UInt32(keyValueHeads))),
      ("llama.attention.layer_norm_rms_epsilon", .real(1e-5)),
      ("llama.rope.freq_base", .real(10_000)),
      ("llama.rope.dimension_count", .number(UInt32(width / heads))),
      ("llama.vocab_size", .number(UInt32(tokens.count))),
      ("tokenizer.ggml.model", .text("gpt2")), ("tokenizer.ggml.pre", .text("smollm")),
      ("tokenizer.ggml.tokens", .texts(tokens)),
      (
        "tokenizer.ggml.token_type",
        .numbers(tokens.indices.map { $0 < controls.count ? 3 : 1 })
      ),
      ("tokenizer.ggml.merges", .texts([])),
      ("tokenizer.ggml.bos_token_id", .number(1)), ("tokenizer.ggml.eos_token_id", .number(2)),
      ("tokenizer.ggml.add_bos_token", .flag(false)),
      ("tokenizer.chat_template", .text(template)),
    ]
  }

  // MARK: - Bytes

  private mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func append(_ text: String) {
    append(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// Writes a value behind the number of its type.
  private mutating func append(_ value: Value) {
    switch value {
    case .number(let number):
      append(UInt32(4))
      append(number)
    case .real(let number):
      append(UInt32(6))
      append(number.bitPattern)
    case .flag(let flag):
      append(UInt32(7))
      append(UInt8(flag ? 1 : 0))
    case .text(let text):
      append(UInt32(8))
      append(text)
    case .texts(let texts):
      beginList(of: 8, count: texts.count)
      for text in texts { append(text) }
    case .numbers(let numbers):
      beginList(of: 5, count: numbers.count)
      for number in numbers { append(number) }
    }
  }

  private mutating func beginList(of type: UInt32, count: Int) {
    append(UInt32(9))
    append(type)
    append(UInt64(count))
  }

  private mutating func pad() {
    while bytes.count % 32 != 0 { bytes.append(0) }
  }
}

/// Numbers by chance from -1 to 1, the same for the same seed: SplitMix64.
private struct Chance {
  var state: UInt64

  mutating func next() -> Float {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    bits ^= bits >> 31
    return Float(bits >> 40) / Float(1 << 23) - 1
  }
}
