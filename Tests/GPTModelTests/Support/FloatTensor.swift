import Foundation

/// The one tensor of a file of safetensors whose numbers are F32.
struct FloatTensor {
  /// The numbers in the order of the file.
  let values: [Float]

  /// Reads what follows the header.
  init(_ file: Data) {
    let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let bytes = [UInt8](file.dropFirst(8 + length))
    values = stride(from: 0, to: bytes.count - 3, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) })
    }
  }
}
