import GPTModel

extension MalformedFolders {
  private static let file = "model.safetensors"
  private static let victim = "model.norm.weight"

  /// Headers that are no headers.
  mutating func addHeaders() {
    (group, field) = ("header", Self.file)
    for count in [0, 1, 7, 8, 9] {
      add("a file of \(count) bytes", .refused()) { builder in
        builder.replaced[Self.file] = Array(builder.shards[0].bytes().prefix(count))
      }
    }
    let lengths: [UInt64] = [0, 1, 2, 100, 1 << 25, (1 << 25) + 1] + HostileNumbers.sizes
    for length in lengths {
      add("a length of \(length)", .refused()) { $0.shards[0].headerLength = length }
    }
    let texts = [
      ("nothing", ""), ("an open brace", "{"), ("an array", "[]"), ("null", "null"),
      ("a number", "1"), ("a text", "\"x\""), ("two objects", "{}{}"), ("a comma", "{,}"),
      ("NaN", "{\"a\": NaN}"), ("a comment", "{} // x"), ("spaces", "        "),
      ("a byte order mark", "\u{FEFF}{}"), ("a number of 2000 digits", wide("{\"a\": ", "1", "}")),
      ("nested arrays", wide("{\"a\": ", "[", "")), ("nested objects", wide("", "{\"a\": ", "")),
      ("a name twice", "{\"a\": 1, \"a\": 1}"),
      ("the same name escaped", "{\"a\": 1, \"\\u0061\": 1}"), ("half a pair", "{\"\\uD800\": 1}"),
      ("no tensors", "{}"), ("nothing but metadata", "{\"__metadata__\": {}}"),
      ("a tensor twice", "{\"a\": {}, \"b\": {}, \"a\": {}}"),
    ]
    for (name, text) in texts {
      add("a header of \(name)", .refused()) { $0.shards[0].header = text }
    }
    add("bytes that are no UTF-8", .refused()) { builder in
      var bytes = builder.shards[0].bytes()
      bytes[12] = 0xFF
      builder.replaced[Self.file] = bytes
    }
    add("70000 tensors", .refused(.limit)) { builder in
      let entry = "{\"dtype\": \"U8\", \"shape\": [1], \"data_offsets\": [0, 1]}"
      let list = (0..<70_000).map { "\"\($0)\": \(entry)" }.joined(separator: ",")
      builder.shards[0].header = "{\(list)}"
    }
    for bytes in ["GGUF", "PK\u{3}\u{4}", "\u{80}\u{2}}q"] {
      add("a file that begins \(bytes.debugDescription)", .refused()) { builder in
        builder.replaced[Self.file] = Array(bytes.utf8) + [UInt8](repeating: 1, count: 200)
      }
    }
  }

  private func wide(_ start: String, _ middle: String, _ end: String) -> String {
    start + String(repeating: middle, count: 2000) + end
  }

  /// Entries whose type, shape or place is wrong.
  mutating func addEntries() {
    (group, field) = ("entry", "\(Self.file): \(Self.victim)")
    let entries: [JSONText] = [
      nil, 1, true, "F32", [], [:], ["F32", [32], [0, 128]], ["dtype": "F32"],
      ["shape": [32], "data_offsets": [0, 128]], ["dtype": "F32", "shape": [32]],
      ["dtype": "F32", "data_offsets": [0, 128]],
    ]
    for entry in entries {
      add("the entry \(entry.text)", .refused(.invalid)) {
        $0.change(Self.victim) { $0.entry = entry }
      }
    }
    let types: [JSONText] = [nil, 1, [], [:], true, "", "f32", "F32 ", "FP32", "F31", "\0", "Q8_0"]
    for type in types {
      add("the type \(type.text)", .refused()) { $0.change(Self.victim) { $0.type = type } }
    }
    for type: JSONText in ["F64", "F16", "BF16", "I64", "I8", "U8", "BOOL", "F8_E4M3"] {
      add("the type \(type.text) of another size", .refused(.invalid)) {
        $0.change(Self.victim) { $0.type = type }
      }
    }
    let shapes: [JSONText] = [
      nil, 1, "32", [:], [], [0], [-32], [32.0], [32.5], [nil], ["32"], [true], [31], [33],
      [0, 32], [-1, -32], [.number(1 << 31), .number(1 << 31)], [.number(1 << 62), 4],
      .raw("[9223372036854775807]"),
      .raw("[9223372036854775808]"), .raw("[1e300]"), [.number(1 << 61)],
      [.number(1 << 32), .number(1 << 32), 1],
      [1, 1, 1, 1, 32], .array([JSONText](repeating: 1, count: 1000)),
    ]
    for shape in shapes {
      add("the shape \(shape.text.prefix(60))", .refused()) {
        $0.change(Self.victim) { $0.shape = shape }
      }
    }
    addPlaces()
    addMetadata()
  }

  private mutating func addPlaces() {
    field = Self.file
    let start = base.shards[0].tensors.prefix { $0.name != Self.victim }.reduce(0) {
      $0 + $1.data.count
    }
    let end = start + 128
    let places: [JSONText] = [
      nil, 1, "0", [:], [], [.number(start)], [.number(start), .number(end), 0],
      [.number(Double(start)), .number(Double(end))], [nil, nil], ["0", "128"], [-128, 0],
      [.number(end), .number(start)], [.number(start), .number(start)],
      [.number(start + 1), .number(end + 1)], [.number(start - 4), .number(end - 4)],
      [.number(start + 128), .number(end + 128)], [0, 128],
      [.number(1 << 62), .number((1 << 62) + 128)],
      .raw("[9223372036854775680, 9223372036854775807]"),
      .raw("[9223372036854775808, 9223372036854775936]"), .raw("[-9223372036854775808, 128]"),
      .raw("[1e300, 1e300]"), [.number(start), .number(end + 1)],
    ]
    for place in places {
      add("the offsets \(place.text)", .refused()) {
        $0.change(Self.victim) { $0.offsets = place }
      }
    }
    add("a shape in a shape", .refused(.invalid)) {
      $0.change(Self.victim) { $0.shape = [[32]] }
    }
    add("one byte behind the tensors", .refused(.layout)) { $0.shards[0].trailer = [0] }
    add("one byte too few", .refused(.truncated)) { builder in
      builder.replaced[Self.file] = builder.shards[0].bytes().dropLast()
    }
    add("a first tensor that starts at 4", .refused()) { builder in
      builder.shards[0].tensors[0].offsets = [
        4, .number(4 + builder.shards[0].tensors[0].data.count),
      ]
    }
  }

  private mutating func addMetadata() {
    group = "metadata"
    let values: [JSONText?] = [
      .none, .some(nil), .some(1), .some([]), .some([:]), .some("pt"), .some(["a": 1]),
      .some(["a": ["b": "c"]]), .some(["a": .string(String(repeating: "x", count: 100_000))]),
    ]
    for value in values {
      add("metadata of \(value?.text.prefix(40) ?? "none")", .mayRun) {
        $0.shards[0].metadata = value
      }
    }
    add("metadata nested too deep", .refused()) {
      $0.shards[0].metadata = ["a": ["b": ["c": ["d": 1]]]]
    }
  }

  /// Names that are none, that nearly are another, or that nobody asked for.
  mutating func addNames() {
    (group, field) = ("name", nil)
    let long = String(repeating: "n", count: 513)
    for name in ["", "\0", "model.norm.weight\0", long] {
      add("a tensor called \(name.prefix(30).debugDescription)", .refused(.invalid)) {
        $0.change(Self.victim) { $0.name = name }
      }
    }
    let lookAlikes = [
      "model.n\u{43E}rm.weight", "model.norm.weight ", " model.norm.weight", "model.Norm.weight",
      "model.norm.weight\u{200B}", "model.norm", "norm.weight", "model..norm.weight",
      "model.norm.weight.", "model.norm\u{301}.weight", "model.\u{301}norm.weight",
    ]
    for name in lookAlikes {
      add("a tensor called \(name.debugDescription)", .refused()) {
        $0.change(Self.victim) { $0.name = name }
      }
    }
    let extras = [
      "a", ".", "..", "weight", ".weight", "model.weight", "model.layers.weight",
      "model.layers.0.weight", "model.layers.1.input_layernorm.weight",
      "model.layers.00.input_layernorm.weight", "model.layers.+0.input_layernorm.weight",
      "model.layers.-1.input_layernorm.weight", "model.layers..input_layernorm.weight",
      "model.layers.9223372036854775807.input_layernorm.weight",
      "model.layers.99999999999999999999.input_layernorm.weight",
      "model.layers.0.input_layernorm.weight.weight", "model.layers.0.input_layernorm.bias",
      "model.layers.0.self_attn.q_norm.weight", "model.layers.0.self_attn.q_proj.bias",
      "model.layers.0.self_attn.\u{212A}_proj.weight", "language_model.norm.weight",
      "blk.0.attn_q.weight", "token_embd.weight", "model.norm.weigh\u{1E6F}",
      "../../etc/passwd", "%s%n", "é", "e\u{301}",
    ]
    for name in extras {
      add("a further tensor \(name.debugDescription) of \(name.utf8.count) bytes", .refused()) {
        builder in
        builder.shards[0].tensors.append(
          .init(name, [32], type: "F32", data: [UInt8](repeating: 0, count: 128)))
      }
    }
    for name in ["vision_tower.a.weight", "model.layers.0.self_attn.rotary_emb.inv_freq"] {
      add("a tensor that is not needed, \(name)", .mayRun) { builder in
        builder.shards[0].tensors.append(
          .init(name, [1], type: "I64", data: [0, 0, 0, 0, 0, 0, 0, 0]))
      }
    }
  }
}
