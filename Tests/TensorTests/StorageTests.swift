import CKernels
import Testing

@testable import Tensor

@Suite("Memory")
struct StorageTests {
  @Test(
    "Storage is zero, aligned, and writable to its last byte",
    arguments: [0, 1, 4096, 2 << 20, (4 << 20) + 17])
  func zeroed(byteCount: Int) throws {
    let storage = try Storage(byteCount: byteCount)
    #expect(storage.byteCount == byteCount)
    let alignment = byteCount >= 2 << 20 ? 2 << 20 : 64
    #expect(Int(bitPattern: storage.base).isMultiple(of: alignment))
    let bytes = UnsafeMutableRawBufferPointer(start: storage.base, count: byteCount)
    #expect(bytes.allSatisfy { $0 == 0 })
    bytes.last.map { _ in bytes[byteCount - 1] = 1 }
  }

  @Test("A size that no machine has is an error, not a crash", arguments: [-1, Int.max, 1 << 60])
  func tooLarge(byteCount: Int) {
    #expect(throws: TensorError.self) { _ = try Storage(byteCount: byteCount) }
  }

  @Test("A workspace holds exactly what was asked for, and no byte more")
  func exact() throws {
    let bytes =
      try Workspace.bytes(matrixRows: 3, columns: 1024)
      + Workspace.bytes(activationRows: 5, columns: 96)
      + Workspace.bytes(of: Int32.self, count: 7)
    let workspace = try Workspace(byteCount: bytes)
    let matrix = try workspace.matrix(rows: 3, columns: 1024)
    let activations = try workspace.activations(rows: 5, columns: 96)
    let numbers = try workspace.elements(of: Int32.self, count: 7)
    #expect(matrix.stride == 1040)
    #expect(activations.rows == 5 && activations.columns == 96)
    #expect(Int(bitPattern: numbers).isMultiple(of: 64))
    let error = #expect(throws: TensorError.self) {
      _ = try workspace.matrix(rows: 1, columns: 1)
    }
    #expect(error?.kind == .memory)
  }

  @Test("Activations have room for two digits of each value, up to the last")
  func activations() throws {
    let workspace = try Workspace(
      byteCount: Workspace.bytes(activationRows: 3, columns: 96))
    let activations = try workspace.activations(rows: 3, columns: 96)
    let scales = UnsafeRawPointer(activations.raw.scales)
    #expect(UnsafeRawPointer(activations.raw.digits) + 2 * 3 * 96 <= scales)
  }

  @Test("Views of one workspace do not overlap")
  func disjoint() throws {
    let workspace = try Workspace(byteCount: 1 << 20)
    let matrices = try (1...9).map { try workspace.matrix(rows: $0, columns: 11 * $0) }
    for (index, matrix) in matrices.enumerated() {
      let count = matrix.rows * matrix.columns
      Fixture.fill(matrix, with: Array(repeating: Float(index), count: count))
    }
    for (index, matrix) in matrices.enumerated() {
      for row in 0..<matrix.rows {
        #expect(Fixture.row(matrix, row).allSatisfy { $0 == Float(index) })
      }
    }
  }

  @Test("Sizes that overflow, are negative or cut a block are refused with both sides")
  func refused() throws {
    let workspace = try Workspace(byteCount: 4096)
    #expect(throws: TensorError.self) { try workspace.matrix(rows: Int.max / 2, columns: 8) }
    #expect(throws: TensorError.self) { try workspace.matrix(rows: -1, columns: 8) }
    #expect(throws: TensorError.self) { try workspace.matrix(rows: 1, columns: Int.max) }
    #expect(throws: TensorError.self) {
      try Workspace.bytes(activationRows: Int.max / 64, columns: 32)
    }
    let error = #expect(throws: TensorError.self) {
      _ = try workspace.activations(rows: 1, columns: 33)
    }
    #expect(error?.given == "33")
    _ = try workspace.elements(of: UInt8.self, count: 4096)  // refusals have taken nothing
  }

  @Test("A view of columns keeps the rows' distance")
  func columns() throws {
    let workspace = try Workspace(byteCount: 4096)
    let matrix = try workspace.matrix(rows: 2, columns: 20)
    Fixture.fill(matrix, with: (0..<40).map(Float.init))
    let part = matrix.columns(5..<8)
    #expect(Fixture.row(part, 0) == [5, 6, 7])
    #expect(Fixture.row(part, 1) == [25, 26, 27])
    #expect(Fixture.row(part.rows(1..<2), 0) == [25, 26, 27])
  }
}
