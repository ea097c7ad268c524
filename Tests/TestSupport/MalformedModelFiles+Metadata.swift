import GPTModel

extension MalformedModelFiles {
  /// Arrays and value types that lie.
  mutating func addArrays() {
    for type: UInt32 in [0, 4, 5, 6, 7, 8, 12] {
      for count in [(16 << 20) + 1] + HostileNumbers.sizes {
        add("G5", "array of type \(type) with count \(count)", .refused(.limit)) {
          $0["tokenizer.ggml.merges"] = .array(type: type, [], count: count)
        }
      }
      add("G5", "array of type \(type) longer than the file", .refused()) {
        $0["tokenizer.ggml.merges"] = .array(type: type, [], count: 1 << 20)
      }
    }
    for type: UInt32 in [13, 14, 99, 255, 1 << 31, .max] {
      add("G5", "element type \(type)", .refused(.invalid)) {
        $0["tokenizer.ggml.merges"] = .array(type: type, [])
      }
      add("G5", "value type \(type)", .refused(.invalid)) {
        $0["general.name"] = .raw(type: type, [1, 0, 0, 0, 0, 0, 0, 0])
      }
    }
    add("G5", "array of arrays", .refused(.invalid)) {
      $0["general.name"] = .array(type: 9, [.array(type: 4, [.uint32(1)])])
    }
    add("G5", "arrays nested 100000 deep", .refused(.invalid)) {
      let level = GGUFImage.encode(UInt32(9)) + GGUFImage.encode(UInt64(1))
      $0["general.name"] = .raw(type: 9, (0..<100_000).flatMap { _ in level })
    }
    for value: UInt8 in [2, 128, 255] {
      add("G5", "truth value \(value)", .refused(.invalid)) {
        $0["tokenizer.ggml.add_bos_token"] = .bool(value)
      }
      add("G5", "array with truth value \(value)", .refused(.invalid)) {
        $0["general.name"] = .array(type: 7, [.bool(1), .bool(value)])
      }
    }
    addWrongElementTypes()
  }

  private mutating func addWrongElementTypes() {
    let strings: [(String, GGUFValue)] = [
      ("u8", .array(type: 0, [.uint8(1), .uint8(2)])), ("f32", .array(type: 6, [.float32(1)])),
      ("bool", .array(type: 7, [.bool(1)])), ("i32", .int32s([1, 2])), ("scalar", .uint32(1)),
      ("string", .text("a b")), ("nothing", .array(type: 8, [])),
    ]
    for (name, value) in strings {
      add("G5", "tokens as \(name)", .refusedByModel) { $0["tokenizer.ggml.tokens"] = value }
      let isEmpty = name == "nothing"
      add("G5", "merges as \(name)", isEmpty ? .mayRun : .refusedByModel) {
        $0["tokenizer.ggml.merges"] = value
      }
    }
    let wrongTypes: [(String, GGUFValue)] = [
      ("one u8", .array(type: 0, [.uint8(1)])), ("one i8", .array(type: 1, [.int8(1)])),
      ("strings", .texts(["1"])), ("bools", .array(type: 7, [.bool(1)])),
      ("floats", .array(type: 6, [.float32(1)])), ("a scalar", .int32(1)), ("few", .int32s([1])),
    ]
    for (name, value) in wrongTypes {
      add("G5", "token types as \(name)", .refusedByModel) {
        $0["tokenizer.ggml.token_type"] = value
      }
    }
  }

  /// Keys and tensor names that stand twice.
  mutating func addNames() {
    add("G9", "same key twice, same value", .refused(.duplicate)) {
      $0.entries.append($0.entries[2])
    }
    add("G9", "same key twice, adjacent", .refused(.duplicate)) {
      $0.entries.insert($0.entries[2], at: 3)
    }
    add("G9", "same key twice, other value", .refused(.duplicate)) {
      $0.entries.append(.init("llama.block_count", .uint32(7)))
    }
    add("G9", "same key twice, other type", .refused(.duplicate)) {
      $0.entries.append(.init("general.architecture", .uint32(7)))
    }
    add("G9", "key in other letter case", .mayRun) {
      $0.entries.append(.init("LLAMA.block_count", .uint32(7)))
    }
    add("G9", "keys that are equal as Unicode", .refused(.duplicate)) {
      $0.entries.append(.init("caf\u{E9}", .uint32(1)))
      $0.entries.append(.init("cafe\u{301}", .uint32(2)))
    }
    add("G9", "key with NUL behind", .refused(.invalid)) {
      $0.entries.append(.init("llama.block_count\0", .uint32(7)))
    }
    add("G9", "key that is one NUL", .refused(.invalid)) {
      $0.entries.append(.init("\0", .uint32(7)))
    }
    add("G9", "two tensors of one name", .refused(.duplicate)) {
      $0.tensors[3].name = $0.tensors[2].name
    }
    add("G9", "a tensor declared twice at one place", .refused(.duplicate)) {
      $0.tensors.append($0.tensors[2])
    }
    add("G9", "tensor name with NUL behind", .refused(.invalid)) {
      $0.tensors[3].name = $0.tensors[2].name + [0]
    }
    add("G9", "tensor name in other letter case", .refusedByModel) {
      $0.tensors[3].name = Array("BLK.0.attn_k.weight".utf8)
    }
    add("G9", "all tensors of one name", .refused(.duplicate)) {
      for index in $0.tensors.indices { $0.tensors[index].name = [0x61] }
    }
  }

  /// Alignments that are none, and those that disagree with the data.
  mutating func addAlignments() {
    for value: UInt32 in [
      0, 1, 2, 3, 4, 7, 12, 24, 31, 33, 48, 96, 65_535, 1 << 17, 1 << 30, 1 << 31, .max,
    ] {
      add("G10", "alignment \(value)", .refused(.invalid)) {
        $0["general.alignment"] = .uint32(value)
      }
    }
    let wrong: [(String, GGUFValue)] = [
      ("string", .text("32")), ("i32", .int32(32)), ("negative", .int32(-32)),
      ("f32", .float32(32)), ("NaN", .float32(.nan)), ("bool", .bool(1)),
      ("array", .array(type: 4, [.uint32(32)])), ("2^63", .uint64(1 << 63)),
      ("2^64 - 1", .uint64(.max)),
    ]
    for (name, value) in wrong {
      add("G10", "alignment as \(name)", .refused(.invalid)) {
        $0["general.alignment"] = value
      }
    }
    for value in [4_096, 65_536] {
      add("G10", "alignment \(value), data laid out for 32", .refused()) {
        $0["general.alignment"] = .uint32(UInt32(value))
      }
      add("G10", "alignment \(value), data laid out for it", .mayRun) {
        $0["general.alignment"] = .uint32(UInt32(value))
        $0.alignment = value
      }
    }
  }

  /// Parts of a model that was split over files.
  mutating func addSplits() {
    for count: UInt16 in [2, 3, .max] {
      add("G13", "one part of \(count)", .refused(.unsupported)) {
        $0["split.no"] = .uint16(0)
        $0["split.count"] = .uint16(count)
      }
    }
    add("G13", "part 1 of 1", .refused(.invalid)) {
      $0["split.no"] = .uint16(1)
      $0["split.count"] = .uint16(1)
    }
    add("G13", "a negative number of parts", .refused(.invalid)) {
      $0["split.count"] = .int32(-1)
    }
    add("G13", "parts as a string", .refused(.invalid)) { $0["split.count"] = .text("2") }
    for count: Int32 in [0, 1, -1, .max] {
      add("G13", "tensors of all parts: \(count)", .refused(.invalid)) {
        $0["split.tensors.count"] = .int32(count)
      }
    }
  }
}
