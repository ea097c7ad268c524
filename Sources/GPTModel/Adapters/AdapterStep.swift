import Tensor

/// Adds to products of matrices what the adapters of their rows do.
final class AdapterStep: RowOperation {
  private struct Item: Sendable {
    let updates: [LowRankUpdate?]
    let destination: Matrix
  }

  private let input: Matrix
  private let items: [Item]
  private let compute: Compute

  /// Nil where no adapter changes any of the products.
  ///
  /// - Parameters:
  ///   - input: What the products are of, [T, K].
  ///   - products: The layers, and where their products go.
  init?(input: Matrix, _ products: [(linear: Linear, destination: Matrix)], compute: Compute) {
    items = products.compactMap { product in
      let updates = product.linear.updates
      return updates.isEmpty ? nil : Item(updates: updates, destination: product.destination)
    }
    guard !items.isEmpty else { return nil }
    (self.input, self.compute) = (input, compute)
  }

  /// Adds to all rows of a step that have adapters.
  func run(_ batch: Batch) {
    if batch.hasAdapters { compute.forEachRow(of: batch, self) }
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    guard let adapter = batch.pointee.adapter(of: row) else { return }
    for item in items {
      item.updates[adapter]?.add(
        to: item.destination.row(row), from: UnsafePointer(input.row(row)))
    }
  }
}
