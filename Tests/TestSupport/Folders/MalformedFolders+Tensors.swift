import GPTModel

extension MalformedFolders {
  private static let norm = "model.norm.weight"
  private static let matrix = "model.layers.0.mlp.up_proj.weight"

  /// Tensors that are missing, too many, or of another shape.
  mutating func addTensorSets() {
    (group, field) = ("tensors", nil)
    for tensor in base.shards[0].tensors {
      add("without \(tensor.name)", .refused(.missing)) { builder in
        builder.shards[0].tensors.removeAll { $0.name == tensor.name }
      }
      add("\(tensor.name) flat", .refused()) { builder in
        builder.change(tensor.name) { $0.shape = [2, .number($0.data.count / 8)] }
      }
      add("\(tensor.name) with a length more", .mayRun) { builder in
        builder.change(tensor.name) { tensor in
          if case .array(let lengths) = tensor.shape { tensor.shape = .array([1] + lengths) }
        }
      }
    }
    let bytes: [(String, Int)] = [
      ("F64", 8), ("I64", 8), ("I32", 4), ("I16", 2), ("I8", 1), ("U8", 1), ("BOOL", 1),
      ("F8_E4M3", 1), ("F8_E5M2", 1),
    ]
    for name in [Self.norm, Self.matrix] {
      for (type, size) in bytes {
        add("\(name) as \(type)", .refused(.unsupported)) { builder in
          builder.change(name) { tensor in
            tensor.type = .string(type)
            tensor.data = [UInt8](repeating: 0, count: tensor.data.count / 4 * size)
          }
        }
      }
    }
  }

  /// Weights that are no numbers.
  mutating func addWeights() {
    (group, field) = ("weights", nil)
    let values: [(String, Float)] = [
      ("NaN", .nan), ("infinity", .infinity), ("minus infinity", -.infinity),
    ]
    for name in [Self.norm, Self.matrix, "model.embed_tokens.weight"] {
      for format: GGUFWeightFormat in [.float32, .float16, .bfloat16] {
        for (label, value) in values {
          add("\(name) as \(format.layout.name) with \(label)", .refused(.notFinite)) { builder in
            builder.change(name) { tensor in
              let count = tensor.data.count / 4
              tensor.type = .string(format.layout.name)
              tensor.data = format.encode([Float](repeating: 0.5, count: count))
              let last = Self.bytes(of: value, format)
              tensor.data.replaceSubrange((tensor.data.count - last.count)..., with: last)
            }
          }
        }
      }
      add("\(name) of the largest numbers", .mayRun) { builder in
        builder.change(name) { tensor in
          tensor.data = GGUFWeightFormat.float32.encode(
            [Float](repeating: .greatestFiniteMagnitude, count: tensor.data.count / 4))
        }
      }
    }
  }

  /// A number's bytes without any rounding of what is not finite.
  private static func bytes(of value: Float, _ format: GGUFWeightFormat) -> [UInt8] {
    let bits = value.bitPattern
    switch format {
    case .float32: return GGUFImage.encode(bits)
    case .bfloat16: return GGUFImage.encode(UInt16(bits >> 16))
    default:
      return GGUFImage.encode(UInt16(bits >> 16 & 0x8000) | 0x7C00 | (value.isNaN ? 0x200 : 0))
    }
  }

  /// The files beside configuration and weights.
  mutating func addTexts() {
    group = "texts"
    let texts = [
      "", "{", "null", "[]", "1", "{}", "{\"model\": null}", "{\"model\": {}}",
      "{\"model\": {\"type\": \"BPE\", \"vocab\": [], \"merges\": []}}",
      "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}}}", "{\"model\": 1, \"model\": 2}",
      String(repeating: "[", count: 100_000),
    ]
    field = "tokenizer.json"
    add("no tokenizer.json", .refused(.missing)) { $0.replaced["tokenizer.json"] = .some(nil) }
    for text in texts {
      add("tokenizer.json of \(text.prefix(50))", .refused()) {
        $0.replaced["tokenizer.json"] = Array(text.utf8)
      }
    }
    field = nil
    let vocabularies: [JSONText] = [
      [:], ["a": -1], ["a": 1.5], ["a": "1"], ["a": nil], ["a": 1e300], ["a": .number(Int.max)],
      ["a": 5, "b": 5], ["": 3], ["\u{10FFFF}": 3],
    ]
    for vocabulary in vocabularies {
      add("the vocabulary \(vocabulary.text)", .mayRun) {
        $0.tokenizer["model"]?["vocab"] = vocabulary
      }
    }
    for merges: JSONText in [
      [], [1], ["a"], [""], ["a b c"], [["a"]], [["a", 1]], ["x y", "x y"],
    ] {
      add("the merges \(merges.text)", .mayRun) { $0.tokenizer["model"]?["merges"] = merges }
    }
    for added: JSONText in [
      nil, 1, [1], [[:]], [["id": -1, "content": "x"]],
      [["id": 5, "content": ""]], [["id": .number(Int.max), "content": "x"]],
    ] {
      add("the added tokens \(added.text)", .mayRun) { $0.tokenizer["added_tokens"] = added }
    }
    addSmallTexts()
  }

  private mutating func addSmallTexts() {
    for name in ["generation_config.json", "tokenizer_config.json"] {
      field = name
      for text in [
        "", "{", "[]", "null", "1", "{\"a\": 1, \"a\": 2}", "\u{FEFF}{}", "{\"a\": NaN}",
      ] {
        add("\(name) of \(text.debugDescription)", .refused()) {
          $0.replaced[name] = Array(text.utf8)
        }
      }
      add("\(name) of 300000 values", .refused()) {
        $0.replaced[name] = Array(("[" + String(repeating: "0,", count: 300_000) + "0]").utf8)
      }
    }
    field = "generation_config.json"
    for ends: JSONText in [-1, "2", true, [-1], [[2]], [:], .number(Int.max)] {
      add("the ends \(ends.text)", .refused()) { $0.generation = ["eos_token_id": ends] }
    }
    field = "chat_template.jinja"
    add("a template that is no UTF-8", .refused()) {
      $0.replaced["chat_template.jinja"] = [0x7B, 0xFF, 0xFE]
    }
    field = nil
    for template in ["", "{%", "{{", "{{ x.__class__ }}", String(repeating: "a", count: 300_000)] {
      add("the template \(template.prefix(30).debugDescription)", .mayRun) {
        $0.chatTemplate = template
      }
    }
    for template: JSONText in [nil, 1, [], [:], [1], [["name": "default"]], [["name": 1]]] {
      add("the named template \(template.text)", .mayRun) {
        $0.tokenizerConfiguration = ["chat_template": template]
      }
    }
    for end in [269, 100_000] {
      add("the end \(end), which is no token", .refused()) { builder in
        builder.generation = nil
        builder.configuration["eos_token_id"] = .number(end)
      }
    }
  }
}
