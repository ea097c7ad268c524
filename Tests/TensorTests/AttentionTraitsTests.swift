import Foundation
import TestSupport
import Testing

@testable import Tensor

/// Attention with windows, soft caps, sinks and slopes.
@Suite("Traits of attention")
struct AttentionTraitsTests {
  private static let headLength = 32
  private static let keyValueHeads = 2
  private static let heads = 3

  /// A layer's cache of some positions, the last of which have queries.
  private struct Layer {
    let layout: PageLayout
    let positions: Int
    let keys: [Float]
    let values: [Float]
    let table: [Int32]
    let cache: GuardedBuffer<UInt8>

    init(positions: Int) throws {
      let width = keyValueHeads * headLength
      layout = try PageLayout(
        keyValueHeads: keyValueHeads, headLength: headLength, format: .bfloat16)
      self.positions = positions
      var generator = SeededGenerator(seed: UInt64(positions))
      // Multiples of 1/64, which bfloat16 keeps.
      func numbers() -> [Float] {
        generator.floats(positions * width, in: -2...2).map { ($0 * 64).rounded() / 64 }
      }
      keys = numbers()
      values = numbers()
      let count = PageLayout.pages(for: positions)
      table = (0..<Int32(count)).shuffled(using: &generator)
      cache = GuardedBuffer(repeating: 0xFF, count: count * layout.bytesPerPage)
      let processor = try Processor(limit: .scalar)
      for index in 0..<positions * keyValueHeads {
        let position = index / keyValueHeads
        let start = index * headLength
        let key = Array(keys[start..<start + headLength])
        let value = Array(values[start..<start + headLength])
        pages.append(
          key: key, value: value, head: index % keyValueHeads,
          at: (Int(table[position / 32]), position % 32), using: processor)
      }
    }

    var pages: LayerPages {
      LayerPages(base: cache.base, stride: layout.bytesPerPage, layout: layout)
    }

    /// The results of the last rows `[rows, Q D]` of what `queries` has.
    func attend(
      _ queries: [Float], rows: Int, ending end: Int, traits: AttentionTraits, on compute: Compute
    ) throws -> [Float] {
      let width = keyValueHeads * heads * headLength
      let input = GuardedBuffer(queries)
      let output = GuardedBuffer<Float>(repeating: .nan, count: rows * width)
      let attention = try BatchAttention(
        BatchAttention.Shape(
          queryHeads: keyValueHeads * heads, layout: layout, rowsPerBlock: rows,
          contextLength: positions),
        queries: Matrix(base: input.base, rows: rows, columns: width),
        out: Matrix(base: output.base, rows: rows, columns: width), threads: compute.pool.threads)
      // Pages that no row sees may be gone.
      let hidden =
        traits.isCausal
        ? max(0, end - rows + 1 - (traits.window ?? end))
        : max(0, end - rows - (traits.window ?? 2 * end) / 2)
      let seen = table.indices.map { $0 < hidden / 32 ? -1 : table[$0] }
      let numbers = GuardedBuffer(seen)
      let block = AttentionBlock(
        firstRow: 0, rows: rows, firstPosition: end - rows, firstPage: 0,
        end: traits.isCausal ? nil : positions)
      withUnsafePointer(to: block) { block in
        attention.run(
          blocks: UnsafeBufferPointer(start: block, count: 1), tables: numbers.base, pages: pages,
          traits: traits, on: compute)
      }
      return output.elements
    }

    /// Attention of one query head by definition, and how far rounding weights to eight bits moves it.
    func reference(
      _ query: ArraySlice<Float>, head: Int, visible: Int, traits: AttentionTraits
    ) -> (results: [Double], bounds: [Double]) {
      var (first, visible) = (max(0, visible - (traits.window ?? visible)), visible)
      if !traits.isCausal {
        let half = traits.window.map { $0 / 2 } ?? positions
        (first, visible) = (max(0, visible - 1 - half), min(positions, visible + half))
      }
      var sum = traits.sinks.map { exp(Double($0.array[head])) } ?? 0
      var results = [Double](repeating: 0, count: headLength)
      var bounds = results
      for position in first..<visible {
        let start = (position * keyValueHeads + head / heads) * headLength
        let dot = zip(query, keys[start...]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        var score = Double(traits.scale) * dot
        if let cap = traits.softCap.map(Double.init) { score = cap * tanh(score / cap) }
        if let slopes = traits.slopes {
          score -= Double(slopes.array[head]) * Double(visible - 1 - position)
        }
        sum += exp(score)
        for index in 0..<headLength {
          results[index] += exp(score) * Double(values[start + index])
          bounds[index] += abs(exp(score) * Double(values[start + index])) * 0x1p-8
        }
      }
      return (results.map { $0 / sum }, bounds.map { $0 / sum })
    }
  }

  private static func vector(_ numbers: [Float]) throws -> Vector? {
    try numbers.withUnsafeBytes { try Vector($0) }
  }

  /// What layers may have beside a window.
  enum Extras: CaseIterable {
    case none, capAndSinks, slopes
  }

  private static func traits(_ window: Int?, _ extras: Extras) throws -> AttentionTraits {
    var traits = AttentionTraits(scale: 0.2, window: window)
    switch extras {
    case .none: break
    case .capAndSinks:
      traits.softCap = 1.5
      traits.sinks = try vector([1, -3, 0.5, 4, 0, 2])
    case .slopes: traits.slopes = try vector([0.5, 0.01, 0.07, 0, 0.3, 0.0039])
    }
    return traits
  }

  private static func queries(rows: Int) -> [Float] {
    var generator = SeededGenerator(seed: 3)
    return generator.floats(rows * keyValueHeads * heads * headLength, in: -2...2)
      .map { ($0 * 32).rounded() / 32 }
  }

  @Test(
    "The result is that of the definition", arguments: [nil, 1, 31, 32, 33, 200, 257, 1000],
    Extras.allCases)
  func exact(window: Int?, extras: Extras) throws {
    let traits = try Self.traits(window, extras)
    let layer = try Layer(positions: 600)
    let rows = 7
    let queries = Self.queries(rows: rows)
    for threads in [1, 2] {
      let compute = Compute(processor: try Processor(), threads: threads)
      let found = try layer.attend(queries, rows: rows, ending: 600, traits: traits, on: compute)
      for index in 0..<rows * 6 {
        let part = index * Self.headLength..<(index + 1) * Self.headLength
        let (expected, bounds) = layer.reference(
          queries[part], head: index % 6, visible: 600 - rows + 1 + index / 6, traits: traits)
        let isNear = zip(found[part], zip(expected, bounds)).allSatisfy {
          abs(Double($0) - $1.0) <= $1.1 + 3e-6
        }
        #expect(isNear, "row \(index / 6), head \(index % 6), \(threads) threads")
      }
    }
  }

  @Test(
    "A row's bits are the same alone and together, by every kernel set, on one thread or two",
    arguments: [31, 32, 33, 255, 256, 257], Extras.allCases)
  func invariant(window: Int, extras: Extras) throws {
    let traits = try Self.traits(window, extras)
    let layer = try Layer(positions: 560)
    let plain = Compute(processor: try Processor(limit: .scalar), threads: 1)
    let others = try Processor.available.flatMap { set in
      try [1, 2].map { Compute(processor: try Processor(limit: set), threads: $0) }
    }
    let width = 6 * Self.headLength
    // Ends where the first rows have a whole window or not yet, and about a page's and a group's end.
    for (end, rows) in [(window + 1, 3), (window + 33, 9), (512, 4), (520, 12), (560, 37)] {
      let queries = Self.queries(rows: rows)
      let expected = try layer.attend(queries, rows: rows, ending: end, traits: traits, on: plain)
      for compute in others {
        let note: Comment = "\(compute.processor.instructionSet), \(rows) rows to \(end)"
        let found = try layer.attend(queries, rows: rows, ending: end, traits: traits, on: compute)
        #expect(found.bits == expected.bits, note)
        for row in [0, rows / 2, rows - 1] {
          let part = row * width..<(row + 1) * width
          let alone = try layer.attend(
            Array(queries[part]), rows: 1, ending: end - rows + 1 + row, traits: traits,
            on: compute)
          #expect(alone.bits == Array(expected[part]).bits, note)
        }
      }
    }
  }

  @Test(
    "A row that sees those after it sees all, or a window about it, by every kernel set",
    arguments: [nil, 1, 17, 129])
  func ahead(window: Int?) throws {
    var traits = try Self.traits(window, .none)
    traits.isCausal = false
    let layer = try Layer(positions: 560)
    let width = 6 * Self.headLength
    let computes = try Processor.available.flatMap { set in
      try [1, 2].map { Compute(processor: try Processor(limit: set), threads: $0) }
    }
    for (end, rows) in [(8, 8), (264, 4), (560, 3)] {
      let queries = Self.queries(rows: rows)
      var expected: [UInt32]?
      for compute in computes {
        let found = try layer.attend(queries, rows: rows, ending: end, traits: traits, on: compute)
        #expect(expected == nil || found.bits == expected)
        expected = found.bits
        for index in 0..<rows * 6 {
          let part = index * Self.headLength..<(index + 1) * Self.headLength
          let (exact, bounds) = layer.reference(
            queries[part], head: index % 6, visible: end - rows + 1 + index / 6, traits: traits)
          let isNear = zip(found[part], zip(exact, bounds)).allSatisfy {
            abs(Double($0) - $1.0) <= $1.1 + 3e-6
          }
          #expect(isNear, "row \(index / 6) of \(rows) to \(end), head \(index % 6)")
        }
        let last = try layer.attend(
          Array(queries[((rows - 1) * width)...]), rows: 1, ending: end, traits: traits, on: compute
        )
        #expect(last.bits == Array(found[((rows - 1) * width)...]).bits)
      }
    }
  }

  @Test("A window as long as the sequence changes nothing, one position less does")
  func longWindow() throws {
    let layer = try Layer(positions: 300)
    let compute = Compute(processor: try Processor(), threads: 1)
    let queries = Self.queries(rows: 2)
    func bits(_ window: Int?) throws -> [UInt32] {
      let traits = try Self.traits(window, .none)
      return try layer.attend(queries, rows: 2, ending: 300, traits: traits, on: compute).bits
    }
    let all = try bits(nil)
    #expect(try bits(300) == all && bits(Int.max) == all && bits(299) != all)
  }
}
