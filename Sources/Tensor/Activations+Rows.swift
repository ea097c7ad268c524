import CKernels

extension Activations {
  /// The same memory for some rows.
  package func rows(_ range: Range<Int>) -> Activations {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "no such rows")
    let blocks = range.lowerBound * (columns / Self.blockLength)
    let part = apus_activations(
      digits: raw.digits + 2 * Self.blockLength * blocks, scales: raw.scales + blocks,
      sums: raw.sums + blocks, half_sums: raw.half_sums + 2 * blocks,
      scaled_sums: raw.scaled_sums + blocks, columns: columns)
    return Activations(rows: range.count, columns: columns, raw: part)
  }
}
