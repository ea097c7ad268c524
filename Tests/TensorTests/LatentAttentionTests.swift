import TestSupport
import Testing

@testable import Tensor

/// Attention to values that are the first elements of keys.
@Suite("Attention to latents")
struct LatentAttentionTests {
  private static let keyLength = 48
  private static let latentLength = 32

  /// What every row gathers, [rows][heads * V], from random keys which are their own values.
  ///
  /// - Parameter latent: V where pages hold keys alone; nil where they hold the keys once more as values.
  private func attend(
    latent: Int?, heads: Int, rows: Int, positions: Int, _ format: CacheFormat, on compute: Compute
  ) throws -> [Float] {
    let length = Self.keyLength
    let layout = try PageLayout(
      keyValueHeads: 1, headLength: length, latentLength: latent, format: format)
    let count = PageLayout.pages(for: positions)
    let memory = GuardedBuffer<UInt8>(repeating: 0xFF, count: count * layout.bytesPerPage)
    let pages = LayerPages(base: memory.base, stride: layout.bytesPerPage, layout: layout)
    var generator = SeededGenerator(seed: UInt64(positions))
    let keys = GuardedBuffer(generator.floats(positions * length, in: -2...2))
    for position in 0..<positions {
      let key = keys.base + position * length
      pages.append(
        key: key, value: key, head: 0,
        at: (count - 1 - position / PageLayout.positions, position % PageLayout.positions),
        using: compute.processor)
    }
    let queries = GuardedBuffer(generator.floats(rows * heads * length, in: -1...1))
    let width = heads * layout.valueLength
    let out = GuardedBuffer<Float>(repeating: .nan, count: rows * width)
    let attention = try BatchAttention(
      BatchAttention.Shape(
        queryHeads: heads, layout: layout, rowsPerBlock: rows, contextLength: positions),
      queries: Matrix(base: queries.base, rows: rows, columns: heads * length),
      out: Matrix(base: out.base, rows: rows, columns: width), threads: compute.pool.threads)
    let block = AttentionBlock(
      firstRow: 0, rows: rows, firstPosition: positions - rows, firstPage: 0)
    let table = GuardedBuffer((0..<Int32(count)).reversed())
    withUnsafePointer(to: block) { block in
      attention.run(
        blocks: UnsafeBufferPointer(start: block, count: 1), tables: table.base, pages: pages,
        traits: AttentionTraits(scale: 0.2), on: compute)
    }
    return out.elements
  }

  @Test(
    "The result is, bit for bit, that of pages which hold the values apart",
    arguments: Processor.available, CacheFormat.allCases)
  func equalsApart(set: InstructionSet, format: CacheFormat) throws {
    let processor = try Processor(limit: set)
    for threads in [1, 2] {
      let compute = Compute(processor: processor, threads: threads)
      // Heads of one part, of several, and of a number that 16 does not divide.
      for heads in [1, 6, 16, 20, 32, 34] {
        for (rows, positions) in [(1, 1), (3, 33), (2, 70), (1, 600), (5, 300)] {
          let found = try attend(
            latent: Self.latentLength, heads: heads, rows: rows, positions: positions, format,
            on: compute)
          let apart = try attend(
            latent: nil, heads: heads, rows: rows, positions: positions, format, on: compute)
          let expected = (0..<rows * heads).flatMap { head in
            let first = head * Self.keyLength
            return apart[first..<first + Self.latentLength]
          }
          #expect(
            found.map(\.bitPattern) == expected.map(\.bitPattern),
            "\(threads) threads, \(heads) heads, \(rows) of \(positions)")
        }
      }
    }
  }
}
