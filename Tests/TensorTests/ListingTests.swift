import Tensor
import Testing

/// The listing of the catalogue.
@Suite("What the catalogue shows")
struct ListingTests {
  @Test("A product as the catalogue shows it is computed")
  func product() throws {
    let workspace = try Workspace(byteCount: 1 << 20)
    let input = try workspace.matrix(rows: 1, columns: 576)
    let quantized = try workspace.activations(rows: 1, columns: 576)
    let output = try workspace.matrix(rows: 1, columns: 576)
    for column in 0..<576 { (input.row(0)[column], output.row(0)[column]) = (1, 7) }
    // Blocks of 32 values q: a scale d of 0, a minimum m of 1, and 16 bytes; a weight is d q + m.
    let block: [UInt8] = [0, 0, 0, 0x3C] + Array(repeating: 0x5A, count: 16)
    let weights = Array(repeating: block, count: 576 * 18).flatMap { $0 }
    try weights.withUnsafeBytes { bytes in
      // listing: product
      let compute = Compute(
        processor: try Processor(), threads: Processor.usableThreads().count)
      let weights = try WeightMatrix(
        format: Q4_1.self, rows: 576, columns: 576, source: bytes, pool: compute.pool)
      let products = try LinearGroup(
        input: input, quantized: quantized,
        items: [LinearGroup.Item(weights: weights, destination: output)])
      products.run(rows: 1, on: compute)
      // end
    }
    #expect((0..<576).allSatisfy { (output.row(0)[$0] - 576).magnitude < 0.1 })
  }
}
