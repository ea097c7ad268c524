import GPTModel

extension MalformedModelFiles {
  /// Wrong beginnings, foreign files, and cuts at every field.
  mutating func addFrames() {
    let whole = base.bytes()
    for length in [0, 1, 2, 3, 4, 5, 7, 8, 12, 16, 20, 23, 24, 25, 32, 49, 100, 200] {
      add("G1", "first \(length) bytes", .refused(), bytes: Array(whole.prefix(length)))
    }
    for index in 0..<4 {
      add("G1", "magic with byte \(index) flipped", .refused(.unsupported)) {
        $0.magic[index] ^= 0x20
      }
    }
    let foreign: [(String, [UInt8])] = [
      ("ggml", Array("lmgg".utf8)), ("ggjt", Array("tjgg".utf8)), ("zip", [0x50, 0x4B, 3, 4]),
      ("elf", [0x7F, 0x45, 0x4C, 0x46]), ("gzip", [0x1F, 0x8B, 8, 0]),
      ("pickle", [0x80, 4, 0x95, 0]), ("zeros", [0, 0, 0, 0]), ("html", Array("<!DO".utf8)),
      ("json", Array("{\"a\"".utf8)), ("byte order mark", [0xEF, 0xBB, 0xBF, 0x47]),
    ]
    for (name, magic) in foreign {
      add("G1", "magic of \(name)", .refused(.unsupported)) { $0.magic = magic }
    }
    for version: UInt32 in [0, 1, 4, 5, 0x0002_0000, 0x0200_0000, 0x0300_0000, 1 << 31, .max] {
      add("G1", "version \(version)", .refused(.unsupported)) { $0.version = version }
    }
    add("G1", "big-endian throughout", .refused(.unsupported)) { $0.isBigEndian = true }
    let image = base.image()
    for field in image.fields where isWorthCutting(field.name) {
      add(
        "G2", "cut before \(field.name)", .refused(),
        bytes: Array(whole.prefix(field.range.lowerBound)))
    }
  }

  /// Elements of long arrays are all alike, and padding may be cut off.
  private func isWorthCutting(_ name: String) -> Bool {
    !name.contains(".value[") && !name.contains("].padding") && name != "trailer"
  }

  /// Counts of entries and tensors that are not the true ones.
  mutating func addCounts() {
    let tensors = UInt64(base.tensors.count)
    let entries = UInt64(base.entries.count)
    let wrong: [UInt64] = [(64 << 10) + 1, 1 << 24] + HostileNumbers.sizes
    for count in wrong {
      add("G3", "tensor count \(count)", .refused(.limit)) { $0.tensorCount = count }
      add("G3", "entry count \(count)", .refused(.limit)) { $0.entryCount = count }
    }
    add("G3", "tensor count 0", .refused()) { $0.tensorCount = 0 }
    add("G3", "entry count 0", .refused(.missing)) { $0.entryCount = 0 }
    for (name, change) in [("one more", 1), ("one less", -1)] as [(String, Int64)] {
      add("G3", "tensor count \(name)", .refused()) {
        $0.tensorCount = tensors &+ UInt64(bitPattern: change)
      }
      add("G3", "entry count \(name)", .refused()) {
        $0.entryCount = entries &+ UInt64(bitPattern: change)
      }
    }
    add("G3", "no tensors at all", .refusedByModel) { $0.tensors = [] }
    add("G3", "no entries at all", .refused(.missing)) { $0.entries = [] }
  }

  /// Strings whose lengths lie or whose bytes are no text.
  mutating func addStrings() {
    let size = UInt64(base.bytes().count)
    let lengths = [(16 << 20) + 1] + HostileNumbers.sizes
    for length in lengths { addString(length: length, .limit) }
    addString(length: size + 1, nil)
    addString(length: size, nil)
    let broken: [(String, [UInt8])] = [
      ("a lone byte FF", [0x61, 0xFF]), ("an overlong slash", [0xC0, 0xAF]),
      ("a surrogate", [0xED, 0xA0, 0x80]), ("beyond U+10FFFF", [0xF4, 0x90, 0x80, 0x80]),
      ("a cut sequence", [0x61, 0xE2, 0x82]), ("a lone continuation", [0x80]),
    ]
    for (name, bytes) in broken {
      add("G4", "key with \(name)", .refused(.invalid)) { $0.entries[1].key = bytes }
      add("G4", "description with \(name)", .mayRun) {
        $0.entries[1].value = .bytes(bytes)
      }
      add("G4", "string with \(name)", .refused(.invalid)) {
        $0["tokenizer.ggml.pre"] = .bytes(bytes)
      }
      add("G4", "token with \(name)", .refused(.invalid)) {
        $0["tokenizer.ggml.tokens"] = .array(type: 8, [.text("a"), .bytes(bytes)])
      }
      add("G4", "tensor name with \(name)", .refused(.invalid)) { $0.tensors[1].name = bytes }
    }
    add("G4", "empty key", .refused(.invalid)) { $0.entries[1].key = [] }
    add("G4", "key of 64 KiB + 1", .refused(.limit)) {
      $0.entries[1].key = [UInt8](repeating: 0x61, count: (64 << 10) + 1)
    }
    add("G4", "empty tensor name", .refused(.invalid)) { $0.tensors[1].name = [] }
    add("G4", "tensor name of 65 bytes", .refused(.limit)) {
      $0.tensors[1].name = [UInt8](repeating: 0x61, count: 65)
    }
  }

  private mutating func addString(length: UInt64, _ kind: ModelError.Kind?) {
    add("G4", "key length \(length)", .refused(kind)) { $0.entries[1].keyLength = length }
    add("G4", "string length \(length)", .refused(kind)) {
      $0.entries[1].value = .bytes(Array("Tiny".utf8), length: length)
    }
    add("G4", "token length \(length)", .refused(kind)) {
      $0["tokenizer.ggml.tokens"] = .array(
        type: 8, [.text("a"), .bytes([0x62], length: length)])
    }
    add("G4", "tensor name length \(length)", .refused(.limit)) {
      $0.tensors[1].nameLength = length
    }
  }
}
