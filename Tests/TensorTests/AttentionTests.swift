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
    let cache: GuardedBuffer<UInt8>

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
      // Unused slots hold NaN, or -1 as int8, which must not leak into a result.
      cache = GuardedBuffer(repeating: 0xFF, count: count * layout.bytesPerPage)
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
      LayerPages(base: cache.base, stride: layout.bytesPerPage, layout: layout)
    }

    /// What scores are multiplied by.
    var scale: Double { 1 / Double(layout.headLength).squareRoot() }

    /// The output of `rows` rows for one key-value head, `[rows][heads * D]`; the last row sees all
    /// positions.
    func attend(
      _ queries: [Float], rows: Int, head: Int, on compute: Compute
    ) throws -> [Float] {
      let (width, groups) = (heads * layout.headLength, layout.keyValueHeads)
      var all = [Float](repeating: 0, count: rows * groups * width)
      for row in 0..<rows {
        let start = (row * groups + head) * width
        all.replaceSubrange(start..<start + width, with: queries[row * width..<(row + 1) * width])
      }
      let input = GuardedBuffer(all)
      let output = GuardedBuffer<Float>(repeating: .nan, count: all.count)
      let attention = try BatchAttention(
        BatchAttention.Shape(
          queryHeads: groups * heads, layout: layout, rowsPerBlock: rows, contextLength: positions),
        queries: Matrix(base: input.base, rows: rows, columns: groups * width),
        out: Matrix(base: output.base, rows: rows, columns: groups * width),
        threads: compute.pool.threads)
      let block = AttentionBlock(
        firstRow: 0, rows: rows, firstPosition: positions - rows, firstPage: 0)
      let table = GuardedBuffer(table)
      withUnsafePointer(to: block) { block in
        attention.run(
          blocks: UnsafeBufferPointer(start: block, count: 1), tables: table.base, pages: pages,
          traits: AttentionTraits(scale: Float(scale)), on: compute)
      }
      let found = output.elements
      return (0..<rows).flatMap { (row: Int) -> ArraySlice<Float> in
        let start = (row * groups + head) * width
        return found[start..<start + width]
      }
    }

    /// The key or value [D] of a position in `numbers`, keys or values.
    func vector(of numbers: [Float], position: Int, head: Int) -> [Double] {
      let start = (position * layout.keyValueHeads + head) * layout.headLength
      return numbers[start..<start + layout.headLength].map(Double.init)
    }

    /// Attention by definition, in double precision; `kept` is what the cache makes of a key or value.
    ///
    /// - Returns: The results, and how far rounding each weight may move them: to eight bits, and not at
    ///   all where the format is float32.
    func reference(
      _ query: [Float], visible: Int, head: Int, kept: ([Double]) -> [Double]
    ) -> (results: [Double], bounds: [Double]) {
      let isRounded = layout.format != .float32
      let query = AttentionTests.kept(
        query.map(Double.init), as: isRounded ? .bfloat16 : .float32)
      let scores = (0..<visible).map { position in
        let key = kept(vector(of: keys, position: position, head: head))
        return scale * zip(query, key).reduce(0) { $0 + $1.0 * $1.1 }
      }
      let largest = scores.max() ?? 0
      let weights = scores.map { exp($0 - largest) }
      let sum = weights.reduce(0, +)
      var result = [Double](repeating: 0, count: query.count)
      var bounds = result
      for position in 0..<visible {
        let value = kept(vector(of: values, position: position, head: head))
        for index in result.indices {
          let part = weights[position] / sum * value[index]
          result[index] += part
          if isRounded { bounds[index] += part.magnitude * 0x1p-8 }
        }
      }
      return (result, bounds)
    }

    /// How far rounding to int8 can move a result: half a step of the values, and what scores that
    /// are each wrong by up to `shift` can move the weights, exp(2 shift) - 1 in all.
    func int8Bound(_ query: [Float], visible: Int, head: Int) -> Double {
      func largest(_ numbers: [Float]) -> Double {
        (0..<visible).flatMap { vector(of: numbers, position: $0, head: head) }
          .map(\.magnitude).max() ?? 0
      }
      let sum = query.reduce(0.0) { $0 + Double($1.magnitude) }
      let shift = scale * sum * largest(keys) / 254
      return largest(values) * (1 / 254 + exp(2 * shift) - 1)
    }
  }

  /// A vector as a format keeps it, in double precision.
  fileprivate static func kept(_ vector: [Double], as format: CacheFormat) -> [Double] {
    switch format {
    case .bfloat16:
      return vector.map { value in
        let bits = Float(value).bitPattern
        return Double(Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000))
      }
    case .int8:
      let step = (vector.map(\.magnitude).max() ?? 0) / 127
      return vector.map { ($0 / step).rounded(.toNearestOrEven) * step }
    case .float32:
      return vector
    }
  }

  /// Calls `body` with scenes of many lengths, and each query of their last rows with its result.
  private func forEachResult(
    _ set: InstructionSet, _ format: CacheFormat,
    _ body: (Scene, _ query: [Float], _ visible: Int, _ found: [Float]) -> Void
  ) throws {
    let compute = Compute(processor: try Processor(limit: set), threads: 1)
    for (keyValueHeads, heads, headLength) in [(1, 1, 16), (2, 3, 64), (1, 8, 128)] {
      let layout = try PageLayout(
        keyValueHeads: keyValueHeads, headLength: headLength, format: format)
      for positions in [1, 2, 31, 32, 33, 64, 65, 100, 257, 600] {
        let scene = Scene(
          layout: layout, heads: heads, positions: positions, processor: compute.processor)
        let rows = min(positions, 5)
        var generator = SeededGenerator(seed: 9)
        let queries = generator.floats(rows * heads * headLength, in: -1...1)
        let found = try scene.attend(queries, rows: rows, head: keyValueHeads - 1, on: compute)
        for index in 0..<rows * heads {
          let slice = index * headLength..<(index + 1) * headLength
          let visible = positions - rows + 1 + index / heads
          body(scene, Array(queries[slice]), visible, Array(found[slice]))
        }
      }
    }
  }

  private func worstError(_ found: [Float], _ expected: [Double]) -> Double {
    zip(found, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
  }

  @Test(
    "The result is that of double precision over what is kept, but for the rounding of weights",
    arguments: Processor.available, CacheFormat.allCases)
  func exact(set: InstructionSet, format: CacheFormat) throws {
    try forEachResult(set, format) { scene, query, visible, found in
      let (expected, bounds) = scene.reference(
        query, visible: visible, head: scene.layout.keyValueHeads - 1
      ) { Self.kept($0, as: format) }
      let isNear = found.indices.allSatisfy {
        (Double(found[$0]) - expected[$0]).magnitude <= bounds[$0] + 3e-6
      }
      #expect(isNear, "\(visible) positions, head length \(query.count)")
    }
  }

  @Test("An int8 cache moves results by no more than its rounding can explain, but moves them")
  func int8Error() throws {
    var worst = 0.0
    try forEachResult(.scalar, .int8) { scene, query, visible, found in
      let head = scene.layout.keyValueHeads - 1
      let (expected, bounds) = scene.reference(query, visible: visible, head: head) { $0 }
      let error = worstError(found, expected)
      worst = max(worst, error)
      let bound = scene.int8Bound(query, visible: visible, head: head)
      #expect(error <= bound + (bounds.max() ?? 0) + 3e-6)
    }
    #expect(worst > 1e-3)
  }

  @Test(
    "A row's bits are the same alone and together, by every kernel set, on one thread or two",
    arguments: CacheFormat.allCases)
  func invariant(format: CacheFormat) throws {
    let plain = Compute(processor: try Processor(limit: .scalar), threads: 1)
    let others = try Processor.available.flatMap { set in
      try [1, 2].map { (set, Compute(processor: try Processor(limit: set), threads: $0)) }
    }
    for (heads, headLength) in [(1, 16), (3, 64), (4, 80), (2, 256), (8, 128)] {
      let layout = try PageLayout(keyValueHeads: 2, headLength: headLength, format: format)
      // From 257 positions on, two threads compute groups of positions side by side.
      for positions in [1, 16, 31, 32, 33, 63, 64, 65, 97, 160, 257, 520] {
        let scene = Scene(
          layout: layout, heads: heads, positions: positions, processor: plain.processor)
        var generator = SeededGenerator(seed: 10)
        let width = heads * headLength
        let all = generator.floats(37 * width, in: -3...3)
        for rows in [1, 2, 3, 7, 8, 17, 37] where rows <= positions {
          let queries = Array(all.suffix(rows * width))
          let expected = try scene.attend(queries, rows: rows, head: 1, on: plain).bits
          for (set, compute) in others {
            let note: Comment = "\(set), \(compute.pool.threads) threads, \(rows) of \(positions)"
            let together = try scene.attend(queries, rows: rows, head: 1, on: compute).bits
            #expect(together == expected, note)
            let last = try scene.attend(
              Array(queries.suffix(width)), rows: 1, head: 1, on: compute
            ).bits
            #expect(last == together.suffix(width), note)
          }
        }
      }
    }
  }

  /// A page of one layer, 0xAB but for what appending at a slot of head 1 wrote.
  private func page(
    _ layout: PageLayout, key: [Float], value: [Float], slot: Int, _ set: InstructionSet
  ) throws -> [UInt8] {
    let page = GuardedBuffer<UInt8>(repeating: 0xAB, count: layout.bytesPerPage)
    let pages = LayerPages(base: page.base, stride: layout.bytesPerPage, layout: layout)
    pages.append(key: key, value: value, head: 1, at: (0, slot), using: try Processor(limit: set))
    return page.elements
  }

  /// The bytes of a page that belong to a slot of head 1.
  private func places(_ layout: PageLayout, slot: Int, elementBytes: Int) -> Set<Int> {
    let start = layout.offset(ofHead: 1)
    let length = layout.headLength
    var places: Set<Int> = []
    for element in 0..<length {
      for byte in 0..<elementBytes {
        let key = element / 2 * 64 + 2 * slot + element % 2
        let value = 32 * length + slot / 2 * 2 * length + 2 * element + slot % 2
        places.insert(start + key * elementBytes + byte)
        places.insert(start + value * elementBytes + byte)
      }
    }
    let scales = start + 2 * length * 32 * elementBytes
    guard scales < layout.offset(ofHead: 2) else { return places }
    for byte in 0..<4 {
      places.insert(scales + 4 * slot + byte)
      places.insert(scales + 4 * (32 + slot) + byte)
    }
    return places
  }

  @Test(
    "Every kernel set writes the same page, and nothing beside the slot",
    arguments: [(CacheFormat.bfloat16, 2), (.int8, 1)])
  func append(format: CacheFormat, elementBytes: Int) throws {
    let layout = try PageLayout(keyValueHeads: 3, headLength: 48, format: format)
    var generator = SeededGenerator(seed: 11)
    let key = generator.floats(48, in: -100...100)
    let value = generator.floats(48)
    for slot in 0..<32 {
      let places = places(layout, slot: slot, elementBytes: elementBytes)
      let plain = try page(layout, key: key, value: value, slot: slot, .scalar)
      let written = plain.indices.filter { plain[$0] != 0xAB }
      #expect(Set(written).isSubset(of: places) && written.count > places.count / 2)
      for set in Fixture.vectorSets {
        let found = try page(layout, key: key, value: value, slot: slot, set)
        #expect(found == plain, "\(set), slot \(slot)")
      }
    }
  }

  @Test("Ties round to even, and int8 vectors carry their scale", arguments: Processor.available)
  func rounding(set: InstructionSet) throws {
    var vector = [Float](repeating: 0, count: 16)
    vector[5] = 1 + 0x1p-8  // between 1 and the next bfloat16
    var layout = try PageLayout(keyValueHeads: 2, headLength: 16, format: .bfloat16)
    var bytes = try page(layout, key: vector, value: vector, slot: 3, set)
    var start = layout.offset(ofHead: 1)
    let place = start + 2 * (64 * 2 + 2 * 3 + 1)  // dimension 5 of slot 3
    #expect(bytes[place] == 0x80 && bytes[place + 1] == 0x3F)

    (vector[4], vector[5], vector[6], vector[7]) = (254, 3, 5, -7)  // a step is 2
    layout = try PageLayout(keyValueHeads: 2, headLength: 16, format: .int8)
    start = layout.offset(ofHead: 1)
    bytes = try page(layout, key: vector, value: vector, slot: 3, set)
    let keys = (4...7).map { Int8(bitPattern: bytes[start + $0 / 2 * 64 + 2 * 3 + $0 % 2]) }
    let values = (4...7).map { Int8(bitPattern: bytes[start + 32 * 16 + 32 + 2 * $0 + 1]) }
    #expect(keys == [127, 2, 2, -4] && values == keys)
    let two = withUnsafeBytes(of: Float(2)) { Array($0) }
    for scale in [start + 2 * 16 * 32 + 4 * 3, start + 2 * 16 * 32 + 4 * (32 + 3)] {
      #expect(Array(bytes[scale..<scale + 4]) == two)
    }
  }

  @Test("Layouts count their bytes and refuse head lengths that kernels do not take")
  func layout() throws {
    let layout = try PageLayout(keyValueHeads: 3, headLength: 64, format: .bfloat16)
    #expect(layout.bytesPerPage == 3 * 2 * 64 * 32 * 2)
    #expect(layout.offset(ofHead: 2) == 2 * 2 * 64 * 32 * 2)
    let small = try PageLayout(keyValueHeads: 3, headLength: 64, format: .int8)
    #expect(small.bytesPerPage == 3 * (2 * 64 * 32 + 2 * 32 * 4))
    #expect(small.offset(ofHead: 2) == 2 * (2 * 64 * 32 + 2 * 32 * 4))
    let latent = try PageLayout(
      keyValueHeads: 1, headLength: 576, latentLength: 512, format: .bfloat16)
    #expect(latent.bytesPerPage == 576 * 32 * 2 && latent.valueLength == 512)
    #expect([0, 1, 32, 33, 64].map(PageLayout.pages(for:)) == [0, 1, 1, 2, 2])
    for format in CacheFormat.allCases {
      for (heads, length) in [(0, 64), (1, 0), (1, 24), (1, 1040), (-1, 64), (Int.max, 64)] {
        #expect(throws: TensorError.self) {
          _ = try PageLayout(keyValueHeads: heads, headLength: length, format: format)
        }
      }
      for latent in [0, -16, 24, 80] {
        #expect(throws: TensorError.self) {
          _ = try PageLayout(
            keyValueHeads: 1, headLength: 64, latentLength: latent, format: format)
        }
      }
    }
  }
}
