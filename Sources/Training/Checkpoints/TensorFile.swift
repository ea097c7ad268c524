import JSON

/// Tensors in single precision as a file of safetensors.
struct TensorFile {
  /// A tensor: its lengths, the slowest-running first, and where its values lie.
  struct Tensor: Hashable {
    let shape: [Int]
    let values: UnsafeBufferPointer<Float>

    static func == (one: Tensor, other: Tensor) -> Bool {
      one.shape == other.shape && one.values.elementsEqual(other.values)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(shape) }
  }

  /// The bytes of a file with tensors in order, each by its lengths, the slowest-running first, and values.
  static func encode(_ tensors: [(name: String, shape: [Int], values: [Float])]) -> [UInt8] {
    var all: [Float] = []
    for tensor in tensors { all += tensor.values }
    return all.withUnsafeBufferPointer { buffer in
      var start = 0
      return encode(
        tensors.map { tensor in
          defer { start += tensor.values.count }
          let part = UnsafeBufferPointer(rebasing: buffer[start..<start + tensor.values.count])
          return (tensor.name, Tensor(shape: tensor.shape, values: part))
        })
    }
  }

  /// The bytes of a file with tensors in order.
  static func encode(_ tensors: [(name: String, tensor: Tensor)]) -> [UInt8] {
    var json = JSONWriter()
    var end = 0
    json.object { json in
      for (name, tensor) in tensors {
        let start = end
        end += 4 * tensor.values.count
        json.member(name) { json in
          json.object { json in
            json.member("dtype", "F32")
            json.member("shape") { json in
              json.array { json in for length in tensor.shape { json.value(length) } }
            }
            json.member("data_offsets") {
              $0.array {
                $0.value(start)
                $0.value(end)
              }
            }
          }
        }
      }
    }
    let padding = [UInt8](repeating: UInt8(ascii: " "), count: (8 - json.bytes.count % 8) % 8)
    var bytes: [UInt8] = []
    bytes.append(little: UInt64(json.bytes.count + padding.count))
    bytes += json.bytes + padding
    for (_, tensor) in tensors { bytes += UnsafeRawBufferPointer(tensor.values) }
    return bytes
  }

  /// Reads tensors into the places of a list; each must be there, in its shape.
  static func decode(
    _ bytes: [UInt8], file: String, into places: [String: UnsafeMutableBufferPointer<Float>]
  ) throws(TrainingError) {
    guard bytes.count >= 8, let length = Int(exactly: bytes.little(UInt64.self, at: 0)),
      length <= bytes.count - 8
    else { throw TrainingError(.corrupt, field: file, "the header does not fit") }
    let object = try JSONObject(file: file, Array(bytes[8..<8 + length]))
    for (name, place) in places {
      guard case .object(let entry)? = object[name], case .string("F32")? = entry["dtype"],
        case .array(let offsets)? = entry["data_offsets"], offsets.count == 2,
        case .integer(let start) = offsets[0], case .integer(let end) = offsets[1],
        start >= 0, end >= start, end <= bytes.count - 8 - length, end - start == 4 * place.count
      else { throw TrainingError(.corrupt, field: name, "no tensor of \(place.count) numbers") }
      bytes.withUnsafeBytes { source in
        UnsafeMutableRawBufferPointer(place).copyMemory(
          from: .init(rebasing: source[8 + length + start..<8 + length + end]))
      }
    }
  }
}
