import CKernels
import Synchronization

/// Scratch memory that is sized once, at loading, so that a step allocates nothing.
///
/// Views are carved off one after the other and live as long as the workspace; none is given back.
public final class Workspace: Sendable {
  private let storage: Storage
  private let used = Atomic<Int>(0)

  private static let alignment = 64

  /// Reserves the memory of all views to come; `bytes(…)` say how much each needs.
  public init(byteCount: Int) throws(TensorError) {
    storage = try Storage(byteCount: byteCount)
  }

  /// The bytes of `count` elements of a type.
  public static func bytes<Element: BitwiseCopyable>(
    of type: Element.Type, count: Int
  ) throws(TensorError) -> Int {
    let bytes = try Shape.product(count, MemoryLayout<Element>.stride, of: "workspace")
    return try Shape.roundedUp(bytes, to: alignment, of: "workspace")
  }

  /// The bytes of a matrix `[rows, columns]`.
  public static func bytes(matrixRows rows: Int, columns: Int) throws(TensorError) -> Int {
    let count = try Shape.product(rows, try stride(columns: columns), of: "workspace matrix")
    return try bytes(of: Float.self, count: count)
  }

  /// The bytes of activations `[rows, columns]`.
  public static func bytes(activationRows rows: Int, columns: Int) throws(TensorError) -> Int {
    let blocks = try blockCount(rows: rows, columns: columns)
    // Two digits for each of 32 values, and five numbers of 4 bytes: where 128 bytes a block can be
    // counted, so can these.
    _ = try Shape.product(blocks, 128, of: "workspace activations")
    let digits = try bytes(of: Int8.self, count: digitCount(blocks: blocks))
    let halfSums = try bytes(of: Int32.self, count: 2 * blocks)
    return try digits + halfSums + 3 * bytes(of: Float.self, count: blocks)
  }

  /// Carves off `count` zeroed elements, aligned to 64 bytes.
  public func elements<Element: BitwiseCopyable>(
    of type: Element.Type, count: Int
  ) throws(TensorError) -> UnsafeMutablePointer<Element> {
    let bytes = try Self.bytes(of: type, count: count)
    let start = try take(bytes)
    return (storage.base + start).bindMemory(to: type, capacity: count)
  }

  /// Carves off a matrix `[rows, columns]`; its rows start at multiples of 64 bytes.
  public func matrix(rows: Int, columns: Int) throws(TensorError) -> Matrix {
    let stride = try Self.stride(columns: columns)
    let count = try Shape.product(rows, stride, of: "workspace matrix")
    let base = try elements(of: Float.self, count: count)
    return Matrix(base: base, rows: rows, columns: columns, stride: stride)
  }

  /// Carves off activations `[rows, columns]`; columns are a multiple of 32.
  public func activations(rows: Int, columns: Int) throws(TensorError) -> Activations {
    let blocks = try Self.blockCount(rows: rows, columns: columns)
    let raw = apus_activations(
      digits: try elements(of: Int8.self, count: Self.digitCount(blocks: blocks)),
      scales: try elements(of: Float.self, count: blocks),
      sums: try elements(of: Int32.self, count: blocks),
      half_sums: try elements(of: Int32.self, count: 2 * blocks),
      scaled_sums: try elements(of: Float.self, count: blocks), columns: columns)
    return Activations(rows: rows, columns: columns, raw: raw)
  }

  private func take(_ bytes: Int) throws(TensorError) -> Int {
    var start = used.load(ordering: .relaxed)
    while true {
      guard bytes <= storage.byteCount - start else {
        throw TensorError(
          .memory, "workspace", expected: "\(bytes) bytes",
          given: "\(storage.byteCount - start) of \(storage.byteCount) left")
      }
      let (exchanged, original) = used.weakCompareExchange(
        expected: start, desired: start + bytes, ordering: .relaxed)
      if exchanged { return start }
      start = original
    }
  }

  /// Whole cache lines, but no multiple of 4 KiB, where all rows would compete for the same sets.
  private static func stride(columns: Int) throws(TensorError) -> Int {
    let stride = try Shape.roundedUp(columns, to: 16, of: "workspace matrix")
    return stride > 0 && stride.isMultiple(of: 1024) ? stride + 16 : stride
  }

  /// Two digits for each activation.
  private static func digitCount(blocks: Int) throws(TensorError) -> Int {
    try Shape.product(blocks, 2 * Activations.blockLength, of: "workspace activations")
  }

  private static func blockCount(rows: Int, columns: Int) throws(TensorError) -> Int {
    guard columns.isMultiple(of: Activations.blockLength) else {
      throw TensorError(
        .shape, "workspace activations", expected: "columns in whole blocks of 32",
        given: "\(columns)")
    }
    return try Shape.product(
      rows, columns / Activations.blockLength, of: "workspace activations")
  }
}
