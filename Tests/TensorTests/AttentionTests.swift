import Foundation
import TestSupport
import Testing

@testable import Tensor

@Suite("Attention")
struct AttentionTests {
  /// A cache of one layer, filled with random keys and values, and queries for its last positions.
  private struct Scene {
    let layout: PageLayout
    let heads: Int
    let positions: Int
    let keys: [Float]
    let values: [Float]
    let table: [Int32]
    let cache: GuardedBuffer<UInt16>

    init(
      layout: PageLayout, heads: Int, positions: Int, processor: Processor
    ) {
      self.layout = layout
      self.heads = heads
      self.positions = positions
      var generator = SeededGenerator(seed: UInt64(positions))
      let width = layout.keyValueHeads * layout.headLength
      keys = generator.floats(positions * width, in: -2...2)
      values = generator.floats(positions * width)
      let count = PageLayout.pages(for: positions)
      table = (0..<Int32(count)).shuffled(using: &generator)
      // Unused slots hold NaN, which must not leak into a result.
      cache = GuardedBuffer(repeating: 0x7FC0, count: count * layout.elementsPerPage)
      for position in 0..<positions {
        for head in 0..<layout.keyValueHeads {
          let start = position * width + head * layout.headLength
          keys.withUnsafeBufferPointer { keys in
            values.withUnsafeBufferPointer { values in
              guard let key = keys.baseAddress, let value = values.baseAddress else { return }
              pages.append(
                key: key + start, value: value + start, head: head,
                at: (Int(table[position / 32]), position % 32), using: processor)
            }
          }
        }
      }
    }

    var pages: LayerPages {
      LayerPages(base: cache.base, stride: layout.elementsPerPage, layout: layout)
    }

    /// The output of `rows` rows, the last of which sees all positions, `[rows][heads * D]`.
    func attend(_ queries: [Float], rows: Int, head: Int, processor: Processor) -> [Float] {
      let width = heads * layout.headLength
      let input = GuardedBuffer(queries)
      let output = GuardedBuffer<Float>(repeating: .nan, count: rows * width)
      let scratch = GuardedBuffer<Float>(
        repeating: .nan,
        count: AttentionQueries.scratch(
          rows: rows, heads: heads, headLength: layout.headLength))
      let work = AttentionQueries(
        queries: Matrix(base: input.base, rows: rows, columns: width),
        out: Matrix(base: output.base, rows: rows, columns: width), heads: heads,
        visible: positions - rows + 1, scale: 0.25)
      let table = GuardedBuffer(table)
      pages.attend(work, head: head, table: table.base, scratch: scratch.base, using: processor)
      return output.elements
    }

    /// The same by definition, in double precision, from keys and values as the cache rounds them.
    func reference(_ query: [Float], visible: Int, head: Int) -> [Double] {
      let width = layout.keyValueHeads * layout.headLength
      func rounded(_ value: Float) -> Double {
        let bits = value.bitPattern
        return Double(Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000))
      }
      let scores = (0..<visible).map { position in
        let start = position * width + head * layout.headLength
        return 0.25
          * query.indices.reduce(0.0) { $0 + Double(query[$1]) * rounded(keys[start + $1]) }
      }
      let largest = scores.max() ?? 0
      let weights = scores.map { exp($0 - largest) }
      let sum = weights.reduce(0, +)
      return query.indices.map { index in
        let total = (0..<visible).reduce(0.0) {
          $0 + weights[$1] * rounded(values[$1 * width + head * layout.headLength + index])
        }
        return total / sum
      }
    }
  }

  @Test(
    "The result is that of double precision, for lengths around pages' ends",
    arguments: Processor.available)
  func exact(set: InstructionSet) throws {
    let processor = try Processor(limit: set)
    for (keyValueHeads, heads, headLength) in [(1, 1, 16), (2, 3, 64), (1, 8, 128)] {
      let layout = try PageLayout(keyValueHeads: keyValueHeads, headLength: headLength)
      for positions in [1, 2, 31, 32, 33, 64, 65, 100] {
        let scene = Scene(
          layout: layout, heads: heads, positions: positions, processor: processor)
        let rows = min(positions, 5)
        var generator = SeededGenerator(seed: 9)
        let queries = generator.floats(rows * heads * headLength, in: -1...1)
        let head = keyValueHeads - 1
        let found = scene.attend(queries, rows: rows, head: head, processor: processor)
        for index in 0..<rows * heads {
          let slice = index * headLength..<(index + 1) * headLength
          let visible = positions - rows + 1 + index / heads
          let expected = scene.reference(Array(queries[slice]), visible: visible, head: head)
          let worst = zip(found[slice], expected).map { abs(Double($0) - $1) }.max() ?? 0
          #expect(worst < 3e-6, "\(positions) positions, head length \(headLength), row \(index)")
        }
      }
    }
  }

  @Test("A row's bits are the same alone and together, and by every kernel set")
  func invariant() throws {
    let plain = try Processor(limit: .scalar)
    for (heads, headLength) in [(1, 16), (3, 64), (4, 80), (2, 256), (8, 128)] {
      let layout = try PageLayout(keyValueHeads: 2, headLength: headLength)
      for positions in [1, 16, 31, 32, 33, 63, 64, 65, 97, 160] {
        let scene = Scene(layout: layout, heads: heads, positions: positions, processor: plain)
        var generator = SeededGenerator(seed: 10)
        let width = heads * headLength
        let all = generator.floats(37 * width, in: -3...3)
        for rows in [1, 2, 3, 7, 8, 17, 37] where rows <= positions {
          let queries = Array(all.suffix(rows * width))
          let expected = scene.attend(queries, rows: rows, head: 1, processor: plain).bits
          for set in Processor.available {
            let processor = try Processor(limit: set)
            let together = scene.attend(queries, rows: rows, head: 1, processor: processor).bits
            #expect(together == expected, "\(set) \(rows) rows, \(positions) positions")
            let last = scene.attend(
              Array(queries.suffix(width)), rows: 1, head: 1, processor: processor
            ).bits
            #expect(last == together.suffix(width), "\(set) \(rows) rows, \(positions) positions")
          }
        }
      }
    }
  }

  @Test("Every kernel set writes the same page, and nothing beside the slot")
  func append() throws {
    let layout = try PageLayout(keyValueHeads: 3, headLength: 48)
    var generator = SeededGenerator(seed: 11)
    var key = generator.floats(48, in: -100...100)
    key[5] = 1 + 0x1p-8  // a tie, which goes to even
    let value = generator.floats(48)
    for slot in 0..<32 {
      var plain: [UInt16]?
      for set in Processor.available {
        let page = GuardedBuffer<UInt16>(repeating: 0xABCD, count: layout.elementsPerPage)
        let pages = LayerPages(base: page.base, stride: layout.elementsPerPage, layout: layout)
        pages.append(
          key: key, value: value, head: 1, at: (0, slot), using: try Processor(limit: set))
        plain = plain ?? page.elements
        #expect(page.elements == plain, "\(set), slot \(slot)")
        let written = page.elements.indices.filter { page.elements[$0] != 0xABCD }
        let start = layout.offset(ofHead: 1)
        let keys = (0..<48).map { start + 32 * $0 + slot }
        let values = (0..<48).map { start + 48 * 32 + 48 * slot + $0 }
        #expect(Set(written).isSubset(of: Set(keys + values)))
        #expect(page.elements[keys[5]] == 0x3F80)
      }
    }
  }

  @Test("Layouts count their elements and refuse head lengths that kernels do not take")
  func layout() throws {
    let layout = try PageLayout(keyValueHeads: 3, headLength: 64)
    #expect(layout.elementsPerPage == 3 * 2 * 64 * 32)
    #expect(layout.offset(ofHead: 2) == 2 * 2 * 64 * 32)
    #expect([0, 1, 32, 33, 64].map(PageLayout.pages(for:)) == [0, 1, 1, 2, 2])
    for (heads, length) in [(0, 64), (1, 0), (1, 24), (1, 272), (-1, 64), (Int.max, 64)] {
      #expect(throws: TensorError.self) {
        _ = try PageLayout(keyValueHeads: heads, headLength: length)
      }
    }
  }
}
