import CKernels

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Cosines and sines of the rotary position embedding, for every position up to a limit.
public final class RotaryTable: Sendable {
  /// Which elements of a head are rotated together.
  public enum Pairing: Sendable {
    /// Neighbours: (0, 1), (2, 3) and so on, as in files made for llama.cpp from Llama.
    case interleaved
    /// An element of the first half with its twin in the second, as in Hugging Face's code.
    case halves
  }

  /// The positions that the table covers, from 0.
  public let positions: Int
  /// The elements at a head's start that are rotated; the others stay.
  public let dimensions: Int
  /// Which elements are rotated together.
  public let pairing: Pairing
  private let storage: Storage

  /// Fills the table: the angle of a pair is its frequency times the position.
  ///
  /// Angles, cosines and sines are computed in double precision. `magnitude` multiplies both, as
  /// some ways of stretching the context demand.
  public init(
    frequencies: [Double], positions: Int, pairing: Pairing, magnitude: Double = 1
  ) throws(TensorError) {
    guard positions >= 0, frequencies.allSatisfy(\.isFinite), magnitude.isFinite else {
      throw TensorError(
        .shape, "rotary table", expected: "0 or more positions and finite frequencies",
        given: "\(positions) positions, frequencies \(frequencies), magnitude \(magnitude)")
    }
    let pairs = frequencies.count
    storage = try Storage(byteCount: Shape.product(positions, pairs, 2, 4, of: "rotary table"))
    self.positions = positions
    self.pairing = pairing
    dimensions = 2 * pairs
    let table = storage.base.bindMemory(to: Float.self, capacity: 2 * positions * pairs)
    for position in 0..<positions {
      let cosines = table + position * 2 * pairs
      for (pair, frequency) in frequencies.enumerated() {
        let angle = frequency * Double(position)
        cosines[pair] = Float(magnitude * cos(angle))
        cosines[pairs + pair] = Float(magnitude * sin(angle))
      }
    }
  }

  /// The usual frequencies: base^(-2 i / dimensions) for the pair i.
  public static func frequencies(dimensions: Int, base: Double) -> [Double] {
    (0..<max(dimensions, 0) / 2).map { pow(base, -2 * Double($0) / Double(dimensions)) }
  }

  /// Rotates the heads of one row, `[heads, headLength]`, in place, to a position.
  public func rotate(
    _ row: UnsafeMutablePointer<Float>, heads: Int, headLength: Int, position: Int,
    using processor: Processor
  ) {
    precondition(position >= 0 && position < positions, "no such position")
    precondition(dimensions <= headLength, "heads shorter than what is rotated")
    let cosines = UnsafePointer(storage.base.assumingMemoryBound(to: Float.self))
      .advanced(by: position * dimensions)
    processor.kernels.pointee.rotate(
      row, heads, headLength, dimensions, cosines, cosines + dimensions / 2,
      pairing == .interleaved)
  }
}
