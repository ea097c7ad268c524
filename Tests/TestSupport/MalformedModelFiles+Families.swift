import GPTModel

extension MalformedModelFiles {
  /// Values of every kind for each hyper-parameter that sets an architecture apart, and fused tensors
  /// whose parts do not fit.
  mutating func addFamilies() {
    let values: [(String, GGUFValue)] = [
      ("a string", .text("x")), ("an empty string", .text("")), ("NaN", .float32(.nan)),
      ("infinity", .float32(.infinity)), ("1e300", .float64(1e300)), ("0", .float32(0)),
      ("-1", .int32(-1)), ("0 as an integer", .uint32(0)), ("the largest integer", .uint64(.max)),
      ("a truth value", .bool(1)), ("a truth value that is none", .bool(2)),
      ("strings", .texts(["x"])), ("no numbers", .floats([])), ("a number", .floats([1])),
      ("NaNs", .floats([Float](repeating: .nan, count: 4))), ("truth values", .bools([true])),
    ]
    for architecture in TinyArchitecture.inFiles {
      let base = Self.builder(architecture)
      let keys =
        architecture.entries.map { "\(architecture.name).\($0.key)" }
        + architecture.globals.map(\.key)
      for key in keys {
        for (name, value) in values {
          var builder = base
          builder[key] = value
          add("G11", "\(architecture.label): \(key) as \(name)", .mayRun, bytes: builder.bytes())
        }
        var builder = base
        builder[key] = nil
        add("G11", "\(architecture.label): no \(key)", .mayRun, bytes: builder.bytes())
      }
      addUsualKeys(architecture, base, without: Set(keys))
    }
    addFused()
    addExperts()
  }

  /// Tensors of all experts that are not there, or not those of all.
  private mutating func addExperts() {
    let architecture = TinyArchitecture.mixtures.first { $0.name == "qwen3moe" } ?? .llama
    let base = Self.builder(architecture)
    let parts = ["ffn_gate_inp", "ffn_gate_exps", "ffn_up_exps", "ffn_down_exps"]
    for name in parts.map({ "blk.0.\($0).weight" }) {
      guard let place = base.tensors.firstIndex(where: { $0.name == Array(name.utf8) }) else {
        continue
      }
      let tensor = base.tensors[place]
      var missing = base
      missing.tensors.remove(at: place)
      add("G9", "\(name) missing", .refusedByModel, bytes: missing.bytes())
      let last = tensor.dimensions.count - 1
      let share = tensor.data.count / Int(tensor.dimensions[last])
      var short = base
      short.tensors[place].dimensions[last] -= 1
      short.tensors[place].data.removeLast(share)
      add("G9", "\(name) of one less", .refusedByModel, bytes: short.bytes())
      var long = base
      long.tensors[place].dimensions[last] += 1
      long.tensors[place].data += [UInt8](repeating: 0, count: share)
      add("G9", "\(name) of one more", .refusedByModel, bytes: long.bytes())
      var flat = base
      flat.tensors[place].dimensions = [tensor.dimensions.reduce(1, *)]
      add("G9", "\(name) as one row", .refusedByModel, bytes: flat.bytes())
    }
    for name in ["blk.0.ffn_up.0.weight", "blk.0.ffn_up_exps.0.weight"] {
      var twice = base
      twice.tensors.append(
        .init(name, [32, 32], type: 0, data: [UInt8](repeating: 0, count: 4096)))
      add("G9", "\(name) beside what has it", .refusedByModel, bytes: twice.bytes())
    }
  }

  /// The keys that an architecture has in common with others, each as what it is not.
  private mutating func addUsualKeys(
    _ architecture: TinyArchitecture, _ base: GGUFBuilder, without own: Set<String>
  ) {
    let values: [(String, GGUFValue)] = [
      ("a string", .text("x")), ("the largest integer", .uint64(.max)), ("NaN", .float32(.nan)),
      ("no numbers", .floats([])),
    ]
    let keys = base.entries.map { String(decoding: $0.key, as: UTF8.self) }
    for key in keys where key.hasPrefix("\(architecture.name).") && !own.contains(key) {
      // Llama's are tried with more values.
      guard architecture.label != "llama" else { continue }
      for (name, value) in values {
        var builder = base
        builder[key] = value
        add("G11", "\(architecture.label): \(key) as \(name)", .mayRun, bytes: builder.bytes())
      }
      var builder = base
      builder[key] = nil
      add("G11", "\(architecture.label): no \(key)", .mayRun, bytes: builder.bytes())
    }
  }

  /// Files that stand for an architecture and one of its keys.
  package static func count(of architecture: TinyArchitecture) -> Int {
    all.count { $0.name.hasPrefix("\(architecture.label): ") }
  }

  private mutating func addFused() {
    let phi = TinyArchitecture.all.first { $0.name == "phi3" } ?? .llama
    let base = Self.builder(phi)
    for name in ["blk.0.attn_qkv.weight", "blk.0.ffn_up.weight"] {
      guard let place = base.tensors.firstIndex(where: { $0.name == Array(name.utf8) }) else {
        continue
      }
      let tensor = base.tensors[place]
      let rowBytes = tensor.data.count / Int(tensor.dimensions[1])
      var short = base
      short.tensors[place].dimensions[1] -= 1
      short.tensors[place].data.removeLast(rowBytes)
      add("G9", "\(name) with a row less", .refusedByModel, bytes: short.bytes())
      var long = base
      long.tensors[place].dimensions[1] += 1
      long.tensors[place].data += [UInt8](repeating: 0, count: rowBytes)
      add("G9", "\(name) with a row more", .refusedByModel, bytes: long.bytes())
      var flat = base
      flat.tensors[place].dimensions = [tensor.dimensions[0] * tensor.dimensions[1]]
      add("G9", "\(name) as one row", .refusedByModel, bytes: flat.bytes())
      var deep = base
      deep.tensors[place].dimensions.append(1)
      add("G9", "\(name) with a third dimension", .mayRun, bytes: deep.bytes())
    }
    for part in ["attn_q", "attn_k", "attn_v", "ffn_gate"] {
      var builder = base
      builder.tensors.append(
        .init(
          "blk.0.\(part).weight", [32, 16], type: 0, data: [UInt8](repeating: 0, count: 2048)))
      add("G9", "\(part) beside what has it", .refusedByModel, bytes: builder.bytes())
    }
  }

  /// The least model of an architecture.
  private static func builder(_ architecture: TinyArchitecture) -> GGUFBuilder {
    var model = TinyModel.least
    model.architecture = architecture
    return model.builder()
  }
}
