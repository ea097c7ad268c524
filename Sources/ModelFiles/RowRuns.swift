import Tensor

/// Rows of a tensor: some that follow each other, and as many again after a stride.
struct RowRuns: Sendable {
  /// Rows of the tensor, or elements where it is no matrix.
  let all: Int
  /// The first row.
  let first: Int
  /// Rows that follow each other.
  let length: Int
  /// Rows from the first of some to the first of the next.
  let stride: Int
  /// How often there are some.
  let count: Int

  /// The rows of the whole tensor.
  static func all(_ rows: Int) -> RowRuns {
    RowRuns(all: rows, first: 0, length: rows, stride: rows, count: 1)
  }

  /// The rows' bytes: where they lie, or else gathered in memory that has room for them.
  func bytes(
    of tensor: SourceTensor, in bytes: UnsafeRawBufferPointer, room: UnsafeMutableRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    if tensor.order.contains(.transposed) {
      // What folders have is of 16 or 32 bits.
      return tensor.format.blockBytes == 2
        ? gathered(UInt16.self, of: tensor, in: bytes, room: room)
        : gathered(UInt32.self, of: tensor, in: bytes, room: room)
    }
    let rowBytes = bytes.count / all
    let run = length * rowBytes
    guard count > 1 else {
      return UnsafeRawBufferPointer(rebasing: bytes[(first * rowBytes)...].prefix(run))
    }
    for index in 0..<count {
      let start = (first + index * stride) * rowBytes
      UnsafeMutableRawBufferPointer(rebasing: room[(index * run)...].prefix(run))
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + run]))
    }
    return UnsafeRawBufferPointer(rebasing: room[..<(count * run)])
  }

  /// The rows of matrices that lie with columns for rows, one after the other.
  private func gathered<Bits: BitwiseCopyable>(
    _ type: Bits.Type, of tensor: SourceTensor, in bytes: UnsafeRawBufferPointer,
    room: UnsafeMutableRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    let (columns, rows) = (tensor.dimensions[0], tensor.dimensions[1])
    let size = MemoryLayout<Bits>.size
    for index in 0..<length * count {
      let row = first + index / length * stride + index % length
      let (matrix, place) = row.quotientAndRemainder(dividingBy: rows)
      let start = matrix * columns * rows + place
      for column in 0..<columns {
        room.storeBytes(
          of: bytes.loadUnaligned(fromByteOffset: (start + column * rows) * size, as: type),
          toByteOffset: (index * columns + column) * size, as: type)
      }
    }
    return UnsafeRawBufferPointer(rebasing: room[..<(length * count * columns * size)])
  }
}
