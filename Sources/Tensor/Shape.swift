/// Arithmetic on sizes that cannot overflow, and the legend of the letters that name them.
///
/// `T` tokens of this step, `S` sequences, `C` positions cached, `L` layers, `W` model width,
/// `Q` query heads, `G` key-value heads, `D` head length, `F` feed-forward width, `V` vocabulary,
/// `P` pages, `B` positions per page. Products of matrices add `K`, columns read, and `N`, columns
/// written.
public enum Shape {
  /// Multiplies sizes; refuses a negative factor and a product that no `Int` holds.
  public static func product(_ factors: Int..., of operation: String) throws(TensorError) -> Int {
    var product = 1
    for factor in factors {
      let (value, overflow) = product.multipliedReportingOverflow(by: factor)
      guard factor >= 0, !overflow else {
        let sizes = factors.map(String.init).joined(separator: " x ")
        throw TensorError(
          .shape, operation, expected: "sizes whose product is within 0...\(Int.max)", given: sizes)
      }
      product = value
    }
    return product
  }

  /// Rounds a size up to a multiple of a power of two.
  static func roundedUp(
    _ size: Int, to multiple: Int, of operation: String
  ) throws(TensorError) -> Int {
    let (sum, overflow) = size.addingReportingOverflow(multiple - 1)
    guard size >= 0, !overflow else {
      throw TensorError(
        .shape, operation, expected: "a size within 0...\(Int.max - multiple)", given: "\(size)")
    }
    return sum & ~(multiple - 1)
  }
}
