import CTraining
import Tensor

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Turns pairs of neighbours in each head by angles of position · base^(-2i / D): Su et al.,
/// "RoFormer", 2021.
struct RotaryBlock: Sendable {
  private let headLength: Int
  private let cosines: FloatBuffer
  private let sines: FloatBuffer

  /// Makes the tables of C positions, in double precision from whole numbers.
  init(_ shape: ModelShape) throws(TensorError) {
    headLength = shape.headLength
    cosines = try FloatBuffer(count: shape.context * headLength)
    sines = try FloatBuffer(count: shape.context * headLength)
    for pair in 0..<headLength / 2 {
      let frequency = pow(shape.ropeBase, -2 * Double(pair) / Double(headLength))
      for position in 0..<shape.context {
        let angle = Double(position) * frequency
        let place = position * headLength + 2 * pair
        cosines.base[place] = Float(cos(angle))
        cosines.base[place + 1] = Float(cos(angle))
        sines.base[place] = -Float(sin(angle))
        sines.base[place + 1] = Float(sin(angle))
      }
    }
  }

  /// Turns x, [N, heads, D], in place.
  func forward(_ x: UnsafeMutablePointer<Float>, heads: Int, _ pass: LeafPass) {
    rotate(x, heads: heads, inverse: false, pass)
  }

  /// Turns gradients, [N, heads, D], back in place: a rotation's transpose is its inverse.
  func backward(_ dx: UnsafeMutablePointer<Float>, heads: Int, _ pass: LeafPass) {
    rotate(dx, heads: heads, inverse: true, pass)
  }

  private func rotate(
    _ x: UnsafeMutablePointer<Float>, heads: Int, inverse: Bool, _ pass: LeafPass
  ) {
    pass.leaf.positions.withUnsafeBufferPointer { positions in
      guard let first = positions.baseAddress else { return }
      var work = apus_rotation(
        rows: pass.rows, heads: heads, head_length: headLength, positions: first,
        cosines: cosines.base, sines: sines.base, inverse: inverse)
      pass.products.kernels.table.pointee.rotate(&work, x)
    }
  }
}
