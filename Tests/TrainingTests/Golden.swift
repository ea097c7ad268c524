import Foundation
import JSON
import Testing

@testable import Training

/// A file of `Goldens/training`, which PyTorch made in double precision.
struct GoldenFile {
  private let object: JSONObject
  private let data: [UInt8]

  /// Reads a file of safetensors.
  init(_ name: String) throws {
    let bytes = [UInt8](try Data(contentsOf: Golden.folder.appending(path: name)))
    let length = bytes.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    let header = try JSONValue(
      parsing: Array(bytes[8..<8 + length]), limits: JSONLimits(values: 100_000))
    object = try #require(header.object)
    data = Array(bytes[(8 + length)...])
  }

  /// The names of all tensors.
  var names: [String] { object.members.map(\.name).filter { $0 != "__metadata__" } }

  /// Whether there is a tensor.
  func has(_ name: String) -> Bool { object[name] != nil }

  /// The values of a tensor of floating-point numbers.
  func values(_ name: String) throws -> [Double] {
    let (type, bytes) = try self.bytes(name)
    switch type {
    case "F32": return bytes.load(Float.self).map(Double.init)
    case "F64": return bytes.load(Double.self)
    default: throw TrainingError(.data, field: name, "numbers of type \(type)")
    }
  }

  /// The values as they are multiplied here.
  func floats(_ name: String) throws -> [Float] { try values(name).map(Float.init) }

  /// The values of a tensor of integers.
  func integers(_ name: String) throws -> [Int32] { try bytes(name).1.load(Int32.self) }

  /// The lengths, the slowest-running first.
  func shape(_ name: String) throws -> [Int] {
    try #require(object[name]?.object?["shape"]?.array).compactMap(\.integer)
  }

  private func bytes(_ name: String) throws -> (String, [UInt8]) {
    let entry = try #require(object[name]?.object, "no tensor \(name)")
    let offsets = try #require(entry["data_offsets"]?.array).compactMap(\.integer)
    return (try #require(entry["dtype"]?.string), Array(data[offsets[0]..<offsets[1]]))
  }
}

extension [UInt8] {
  fileprivate func load<Value: BitwiseCopyable>(_: Value.Type) -> [Value] {
    withUnsafeBytes { bytes in
      (0..<count / MemoryLayout<Value>.size).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Value>.size, as: Value.self)
      }
    }
  }
}

extension JSONValue {
  var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
  var array: [JSONValue]? { if case .array(let array) = self { array } else { nil } }
  var string: String? { if case .string(let string) = self { string } else { nil } }
  var integer: Int? { if case .integer(let integer) = self { integer } else { nil } }
  var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }
  var numbers: [Double] { array?.compactMap(\.number) ?? [] }
}

/// The values of `Goldens/training`.
enum Golden {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Goldens/training")

  /// `training.json`, or a part of it.
  static func index(_ path: String...) throws -> JSONValue {
    let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "training.json")))
    var value = try JSONValue(parsing: bytes, limits: JSONLimits(values: 100_000))
    for name in path { value = try #require(value.object?[name], "\(path)") }
    return value
  }

  /// The shape of the golden model.
  static let shape = ModelShape(
    vocabulary: 96, width: 32, layers: 2,
    attention: .init(queryHeads: 4, keyValueHeads: 2, headLength: 16), feedForward: 64, context: 24)

  /// What Hugging Face calls a tensor of GGUF's.
  static func name(of tensor: ParameterTensor) -> String {
    let parts = tensor.name.split(separator: ".")
    guard parts.count == 4 else {
      return parts[0] == "token_embd" ? "model.embed_tokens.weight" : "model.norm.weight"
    }
    let names = [
      "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
      "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
      "ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj",
      "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
    ]
    return "model.layers.\(parts[1]).\(names[String(parts[2])] ?? "").weight"
  }

  /// A tensor in GGUF's order of rows: halves of a head become neighbours.
  static func interleaved<Value>(_ values: [Value], _ tensor: ParameterTensor) -> [Value] {
    guard tensor.name.hasSuffix("attn_q.weight") || tensor.name.hasSuffix("attn_k.weight") else {
      return values
    }
    let half = shape.headLength / 2
    let width = tensor.columns
    return (0..<tensor.rows).flatMap { row in
      let (head, place) = row.quotientAndRemainder(dividingBy: shape.headLength)
      let source = head * shape.headLength + place / 2 + (place % 2) * half
      return values[source * width..<(source + 1) * width]
    }
  }

  /// The tensors of a file whose names begin with a prefix, in one buffer in our order.
  static func parameters(_ prefix: String, in file: GoldenFile) throws -> [Double] {
    let list = ParameterList(shape)
    var all = [Double](repeating: 0, count: list.count)
    for tensor in list.tensors {
      let values = interleaved(try file.values(prefix + name(of: tensor)), tensor)
      all.replaceSubrange(tensor.range, with: values)
    }
    return all
  }

  /// The rows of a batch, each a leaf's part: documents end where positions begin anew.
  static func leaf(
    tokens: ArraySlice<Int32>, targets: ArraySlice<Int32>, positions: ArraySlice<Int32>
  ) throws -> Leaf {
    var lengths: [Int] = []
    for position in positions {
      if position == 0 { lengths.append(0) }
      lengths[lengths.count - 1] += 1
    }
    return try Leaf(
      tokens: tokens.map { UInt32($0) }, targets: Array(targets), documentLengths: lengths)
  }

  /// A batch of `rows` rows as leaves of one row.
  static func leaves(_ file: GoldenFile, prefix: String = "", batch: Int = 0) throws -> [Leaf] {
    let tokens = try file.integers(prefix + "tokens")
    let targets = try file.integers(prefix + "targets")
    let positions = try file.integers(prefix + "positions")
    return try (0..<2).map { row in
      let range = (batch * 2 + row) * 24..<(batch * 2 + row + 1) * 24
      return try leaf(
        tokens: tokens[range], targets: targets[range], positions: positions[range])
    }
  }
}

/// The greatest difference of two lists, as a part of the greatest magnitude in the second.
func worst(_ values: some Collection<Float>, _ expected: some Collection<Double>) -> Double {
  var difference = 0.0
  var largest = 0.0
  for (value, wanted) in zip(values, expected) {
    let distance = (Double(value) - wanted).magnitude
    // A NaN compares with nothing and must not pass.
    if !(distance <= difference) { difference = distance }
    largest = max(largest, wanted.magnitude)
  }
  return values.count == expected.count
    ? difference / max(largest, .leastNormalMagnitude) : .infinity
}
