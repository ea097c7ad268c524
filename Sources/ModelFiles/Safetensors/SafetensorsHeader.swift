import JSON
import Tensor

/// The checked header of a safetensors file: tensors whose bytes tile the rest of the file.
///
/// The format: 8 bytes with the length of a JSON object, little-endian; the object, which gives each
/// tensor's type, shape and place; the values.
struct SafetensorsHeader: Sendable {
  /// A tensor as the file has it.
  struct Tensor: Sendable {
    /// The name.
    var name: String
    /// The lengths, the slowest-running first: `[N, K]`.
    let shape: [Int]
    /// The name of the storage type, such as `BF16`.
    let type: String
    /// Where the values lie, from the start of the file.
    let byteRange: Range<UInt64>
  }

  /// The tensors in the order of their data.
  private(set) var tensors: [Tensor]
  /// Where the data of the first tensor starts.
  let dataStart: UInt64

  /// Bytes that the JSON object may have: a tensor takes about 150, and none has 64 Ki of them.
  private static let mostBytes: UInt64 = 32 << 20
  /// Containers that are open at the same time: the object, a tensor, its shape.
  private static let depth = 3

  /// Replaces the beginning of names.
  mutating func replacePrefix(_ prefix: String, by other: String) {
    for index in tensors.indices where tensors[index].name.hasPrefix(prefix) {
      tensors[index].name = other + tensors[index].name.dropFirst(prefix.count)
    }
  }

  /// Parses and checks a file's header; nothing in it is trusted.
  init(_ source: any ByteSource, file: String, limits: ModelFileLimits) throws(ModelError) {
    let fault = Fault(file: file)
    var prefix = [UInt8](repeating: 0, count: 8)
    if let error = prefix.withUnsafeMutableBytes({ source.fill($0, at: 0, field: file) }) {
      throw error
    }
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length >= 2, length <= Self.mostBytes, source.byteCount >= 8,
      length <= source.byteCount - 8
    else {
      throw fault(
        .limit,
        "a header of \(length) bytes; at most \(Self.mostBytes) are allowed, and the file has"
          + " \(source.byteCount)")
    }
    var text = [UInt8](repeating: 0, count: Int(length))
    if let error = text.withUnsafeMutableBytes({ source.fill($0, at: 8, field: file) }) {
      throw error
    }
    dataStart = 8 + length
    let members = try Self.members(text, fault: fault, limits: limits)
    var tensors: [Tensor] = []
    for member in members where member.name != "__metadata__" {
      tensors.append(
        try Self.tensor(member, dataStart: dataStart, end: source.byteCount, fault, limits))
    }
    guard UInt64(tensors.count) <= limits.tensors else {
      throw fault(.limit, "\(tensors.count) tensors; at most \(limits.tensors) are allowed")
    }
    tensors.sort { ($0.byteRange.lowerBound, $0.name) < ($1.byteRange.lowerBound, $1.name) }
    try Self.checkCoverage(tensors, from: dataStart, to: source.byteCount, fault)
    self.tensors = tensors
  }

  /// Makes errors that name the file.
  private struct Fault {
    let file: String

    func callAsFunction(_ kind: ModelError.Kind, tensor: String? = nil, _ detail: String)
      -> ModelError
    {
      ModelError(kind, field: tensor.map { "\(file): \($0.prefix(200))" } ?? file, detail)
    }
  }

  private static func members(
    _ text: [UInt8], fault: Fault, limits: ModelFileLimits
  ) throws(ModelError) -> [JSONObject.Member] {
    // An entry is an object of a string and two short arrays.
    let values = Int(clamping: limits.tensors) * 16
    return try JSONFile.object(
      text, file: fault.file, limits: JSONLimits(depth: depth, values: values)
    ).members
  }

  private static func tensor(
    _ member: JSONObject.Member, dataStart: UInt64, end: UInt64, _ fault: Fault,
    _ limits: ModelFileLimits
  ) throws(ModelError) -> Tensor {
    let name = member.name
    func invalid(_ detail: String) -> ModelError { fault(.invalid, tensor: name, detail) }
    guard !name.isEmpty, name.utf8.count <= 512, !name.utf8.contains(0) else {
      throw invalid("the name of a tensor must have 1 to 512 bytes, none of them NUL")
    }
    guard case .object(let entry) = member.value, case .string(let type)? = entry["dtype"],
      case .array(let lengths)? = entry["shape"], case .array(let offsets)? = entry["data_offsets"]
    else { throw invalid("an entry needs dtype, shape and data_offsets") }
    guard let valueBytes = bytes(ofType: type) else {
      throw fault(
        .unsupported, tensor: name, "\(type.prefix(40).debugDescription) is no known type")
    }
    guard UInt64(lengths.count) <= limits.dimensions.upperBound else {
      throw fault(.limit, tensor: name, "\(lengths.count) dimensions")
    }
    var shape: [Int] = []
    var byteCount = valueBytes
    for length in lengths {
      guard case .integer(let length) = length, length > 0 else {
        throw invalid("a shape holds something else than positive integers")
      }
      let (product, overflow) = byteCount.multipliedReportingOverflow(by: UInt64(length))
      guard !overflow, product <= limits.tensorBytes else {
        throw fault(
          .limit, tensor: name, "too large; at most \(limits.tensorBytes) bytes are allowed")
      }
      byteCount = product
      shape.append(length)
    }
    guard offsets.count == 2, case .integer(let start) = offsets[0],
      case .integer(let stop) = offsets[1], start >= 0, stop >= start
    else { throw invalid("data_offsets must be two integers in ascending order") }
    guard UInt64(stop) <= end - dataStart else {
      throw fault(.truncated, tensor: name, "the data ends at \(stop) of \(end - dataStart) bytes")
    }
    guard UInt64(stop - start) == byteCount else {
      throw invalid("\(stop - start) bytes for \(type) of shape \(shape), which takes \(byteCount)")
    }
    return Tensor(
      name: name, shape: shape, type: type,
      byteRange: dataStart + UInt64(start)..<dataStart + UInt64(stop))
  }

  private static func checkCoverage(
    _ tensors: [Tensor], from start: UInt64, to end: UInt64, _ fault: Fault
  ) throws(ModelError) {
    var expected = start
    for tensor in tensors {
      guard tensor.byteRange.lowerBound == expected else {
        throw fault(
          .layout, tensor: tensor.name,
          tensor.byteRange.lowerBound < expected
            ? "the data overlaps that of another tensor"
            : "\(tensor.byteRange.lowerBound - expected) bytes before the data belong to no tensor")
      }
      expected = tensor.byteRange.upperBound
    }
    guard expected == end else {
      throw fault(.layout, "\(end - expected) bytes behind the last tensor belong to none")
    }
  }

  /// The bytes of a value of each type that the format knows.
  private static func bytes(ofType type: String) -> UInt64? {
    switch type {
    case "F64", "I64", "U64": 8
    case "F32", "I32", "U32": 4
    case "F16", "BF16", "I16", "U16": 2
    case "F8_E4M3", "F8_E5M2", "F8_E8M0", "I8", "U8", "BOOL": 1
    default: nil
    }
  }
}
