import Tensor

/// Room at the ends of heads whose length is none that attention takes: zeros, which add nothing to scores.
///
/// Heads are projected side by side, [H, D], widened to [H, D′] before they meet, and what attention gathers
/// is narrowed to [Q, D] again, all in place.
final class HeadPadding: RowOperation {
  /// D.
  private let length: Int
  /// D′, more than D.
  private let kept: Int
  private let heads: Int
  /// What attention gathers, [T, Q D′].
  private let attended: Matrix

  /// Nil where attention takes heads as they are.
  init?(_ spec: AttentionSpec, attended: Matrix) {
    guard spec.latent == nil, spec.keptLength > spec.headLength else { return nil }
    (length, kept, heads) = (spec.headLength, spec.keptLength, spec.queryHeads)
    self.attended = attended
  }

  /// Widens a row of heads, which must have room for it.
  func widen(_ row: UnsafeMutablePointer<Float>, heads: Int) {
    for head in (0..<heads).reversed() {
      let target = row + head * kept
      target.update(from: row + head * length, count: length)
      (target + length).update(repeating: 0, count: kept - length)
    }
  }

  /// Narrows what a row gathered.
  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let values = attended.row(row)
    for head in 0..<heads {
      (values + head * length).update(from: values + head * kept, count: length)
    }
  }
}
