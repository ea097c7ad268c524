import TestSupport
import Testing

@testable import Tensor

@Suite("Linear maps")
struct LinearGroupTests {
  /// A product with its memory.
  private struct Bench {
    let workspace: Workspace
    let input: Matrix
    let quantized: Activations
    let output: Matrix
    let products: LinearGroup

    init(
      _ format: any WeightFormat.Type, _ bytes: [UInt8], size: (n: Int, k: Int), rows: Int,
      bias: Vector? = nil, accumulate: Bool = false
    ) throws {
      workspace = try Workspace(byteCount: 8 << 20)
      input = try workspace.matrix(rows: rows, columns: size.k)
      quantized = try workspace.activations(rows: rows, columns: size.k)
      output = try workspace.matrix(rows: rows, columns: size.n)
      let weights = try Fixture.matrix(format, bytes, rows: size.n, columns: size.k)
      let item = LinearGroup.Item(
        weights: weights, bias: bias, destination: output, accumulate: accumulate)
      products = try LinearGroup(input: input, quantized: quantized, items: [item])
    }

    /// A row of the input as the product reads it.
    func input(row: Int) -> [Double] {
      (0..<input.columns).map { column in
        products.readsQuantizedInput
          ? Double(quantized.value(row: row, column: column)) : Double(input.row(row)[column])
      }
    }
  }

  private static func compute(threads: Int = 1, _ set: InstructionSet? = nil) throws -> Compute {
    Compute(processor: try Processor(limit: set), threads: threads)
  }

  @Test(
    "Products agree with sums in double precision", arguments: 0..<WeightFormats.all.count)
  func exact(index: Int) throws {
    let format = WeightFormats.all[index]
    for (rows, n, wanted) in [(1, 16, 32), (3, 17, 64), (9, 70, 96), (18, 66, 544)] {
      let k = Fixture.columns(wanted, format)
      var generator = SeededGenerator(seed: UInt64(rows))
      let bytes = Fixture.weights(format, rows: n, columns: k, seed: UInt64(n))
      let values = generator.floats(rows * k, in: -3...3)
      let weights = Fixture.decoded(format, bytes, rows: n, columns: k)
      let benches = try Processor.available.map { set in
        let bench = try Bench(format, bytes, size: (n, k), rows: rows)
        Fixture.fill(bench.input, with: values)
        bench.products.run(rows: rows, on: try Self.compute(threads: 2, set))
        return bench
      }
      for row in 0..<rows {
        let input = benches[0].input(row: row)
        for column in 0..<n {
          var sum = 0.0
          var magnitude = 0.0
          for index in 0..<k {
            let product = input[index] * Double(weights[column][index])
            sum += product
            magnitude += abs(product)
          }
          // Float rounding of a chain of k terms, with much to spare for its randomness.
          for (set, bench) in zip(Processor.available, benches) {
            let error = abs(Double(bench.output.row(row)[column]) - sum)
            if error <= 2e-6 * magnitude { continue }
            Issue.record(
              "\(format.name) \(set) [\(rows), \(n), \(k)] at \(row), \(column): \(error)")
            return
          }
        }
      }
    }
  }

  @Test(
    "A row's bits depend on neither its place, nor the rows beside it, nor the threads",
    arguments: 0..<WeightFormats.all.count)
  func invariant(index: Int) throws {
    let format = WeightFormats.all[index]
    let (n, k, rows) = (150, Fixture.columns(544, format), 70)
    let bytes = Fixture.weights(format, rows: n, columns: k, seed: 3)
    var generator = SeededGenerator(seed: 4)
    let special = generator.floats(k)
    let alone = try Bench(format, bytes, size: (n, k), rows: 1)
    Fixture.fill(alone.input, with: special)
    alone.products.run(rows: 1, on: try Self.compute())
    let expected = Fixture.row(alone.output, 0).bits
    for threads in [1, 2, 3] {
      let compute = try Self.compute(threads: threads)
      let bench = try Bench(format, bytes, size: (n, k), rows: rows)
      Fixture.fill(bench.input, with: generator.floats(rows * k))
      for place in [0, 1, 7, 8, 15, 16, 31, 63, 64, 69] {
        Fixture.fill(bench.input.rows(place..<place + 1), with: special)
        for used in Set([place + 1, min(place + 5, rows), rows]) {
          bench.products.run(rows: used, on: compute)
          let found = Fixture.row(bench.output, place).bits
          #expect(found == expected, "\(format.name) row \(place) of \(used), \(threads) threads")
        }
      }
    }
  }

  @Test("Every kernel set gives the same bits")
  func sets() throws {
    for format in WeightFormats.all {
      let k = Fixture.columns(96, format)
      let bytes = Fixture.weights(format, rows: 50, columns: k, seed: 3)
      let outputs = try Processor.available.map { set in
        var generator = SeededGenerator(seed: 4)
        let bench = try Bench(format, bytes, size: (50, k), rows: 20)
        Fixture.fill(bench.input, with: generator.floats(20 * k))
        bench.products.run(rows: 20, on: try Self.compute(threads: 2, set))
        return (0..<20).flatMap { Fixture.row(bench.output, $0) }.bits
      }
      #expect(outputs.allSatisfy { $0 == outputs[0] }, "\(format.name)")
    }
  }

  @Test("Accumulation adds to what is there")
  func accumulate() throws {
    let compute = try Self.compute(threads: 2)
    for format in WeightFormats.all {
      let k = Fixture.columns(64, format)
      let bytes = Fixture.weights(format, rows: 70, columns: k, seed: 5)
      var generator = SeededGenerator(seed: 6)
      let values = generator.floats(5 * k)
      let before = generator.floats(5 * 70)
      let plain = try Bench(format, bytes, size: (70, k), rows: 5)
      let added = try Bench(format, bytes, size: (70, k), rows: 5, accumulate: true)
      for bench in [plain, added] { Fixture.fill(bench.input, with: values) }
      Fixture.fill(added.output, with: before)
      plain.products.run(rows: 5, on: compute)
      added.products.run(rows: 4, on: compute)
      for row in 0..<5 {
        let old = Array(before[row * 70..<(row + 1) * 70])
        let sum = zip(old, Fixture.row(plain.output, row)).map { $0 + $1 }
        #expect(Fixture.row(added.output, row).bits == (row < 4 ? sum : old).bits)
      }
    }
  }

  @Test("A bias is added to the product, before that is added to what is there")
  func bias() throws {
    let compute = try Self.compute(threads: 2)
    for format in WeightFormats.all {
      let k = Fixture.columns(64, format)
      let bytes = Fixture.weights(format, rows: 70, columns: k, seed: 5)
      var generator = SeededGenerator(seed: 6)
      let values = generator.floats(9 * k)
      let before = generator.floats(9 * 70)
      let numbers = generator.floats(70)
      let bias = try numbers.withUnsafeBytes { try Vector($0) }
      let cases: [(Vector?, Bool)] = [(nil, false), (bias, false), (bias, true)]
      let outputs = try cases.map { bias, accumulate in
        let bench = try Bench(
          format, bytes, size: (70, k), rows: 9, bias: bias, accumulate: accumulate)
        Fixture.fill(bench.input, with: values)
        Fixture.fill(bench.output, with: before)
        bench.products.run(rows: 9, on: compute)
        return (0..<9).map { Fixture.row(bench.output, $0) }
      }
      for row in 0..<9 {
        let sums = zip(outputs[0][row], numbers).map { $0 + $1 }
        let old = before[row * 70..<(row + 1) * 70]
        #expect(outputs[1][row].bits == sums.bits, "\(format.name)")
        let added = zip(old, sums).map { $0 + $1 }
        #expect(outputs[2][row].bits == added.bits, "\(format.name)")
      }
    }
  }

  @Test(
    "Products of one input share a dispatch, whatever the formats, and write only their columns")
  func shared() throws {
    let compute = try Self.compute(threads: 2)
    var generator = SeededGenerator(seed: 7)
    let values = generator.floats(3 * 256)
    let workspace = try Workspace(byteCount: 1 << 20)
    let input = try workspace.matrix(rows: 3, columns: 256)
    let quantized = try workspace.activations(rows: 3, columns: 256)
    let output = try workspace.matrix(rows: 3, columns: 40 * WeightFormats.all.count + 1)
    Fixture.fill(input, with: values)
    output.row(2)[output.columns - 1] = 42
    let files = WeightFormats.all.map { Fixture.weights($0, rows: 40, columns: 256, seed: 8) }
    let items = try WeightFormats.all.indices.map { index in
      LinearGroup.Item(
        weights: try Fixture.matrix(WeightFormats.all[index], files[index], rows: 40, columns: 256),
        destination: output.columns(40 * index..<40 * (index + 1)))
    }
    try LinearGroup(input: input, quantized: quantized, items: items).run(rows: 3, on: compute)
    for (index, format) in WeightFormats.all.enumerated() {
      let bench = try Bench(format, files[index], size: (40, 256), rows: 3)
      Fixture.fill(bench.input, with: values)
      bench.products.run(rows: 3, on: compute)
      for row in 0..<3 {
        let part = Fixture.row(output.columns(40 * index..<40 * (index + 1)), row)
        #expect(part.bits == Fixture.row(bench.output, row).bits, "\(format.name)")
      }
    }
    #expect(output.row(2)[output.columns - 1] == 42)
  }

  @Test("An input rounded by the caller gives the same as one rounded by the product")
  func rounded() throws {
    let compute = try Self.compute(threads: 2)
    let bytes = Fixture.weights(Q4_1.self, rows: 40, columns: 64, seed: 9)
    let bench = try Bench(Q4_1.self, bytes, size: (40, 64), rows: 2)
    var generator = SeededGenerator(seed: 10)
    Fixture.fill(bench.input, with: generator.floats(128))
    bench.products.run(rows: 2, on: compute)
    let expected = Fixture.row(bench.output, 1).bits
    bench.output.row(1).update(repeating: 0, count: 40)
    bench.products.runQuantized(rows: 2, on: compute)
    #expect(Fixture.row(bench.output, 1).bits == expected)
  }

  @Test("NaN in one row reaches its own products and no others")
  func notANumber() throws {
    let compute = try Self.compute()
    for format in WeightFormats.all {
      let k = Fixture.columns(64, format)
      let bytes = Fixture.weights(format, rows: 20, columns: k, seed: 11)
      let bench = try Bench(format, bytes, size: (20, k), rows: 3)
      var generator = SeededGenerator(seed: 12)
      Fixture.fill(bench.input, with: generator.floats(3 * k))
      bench.input.row(1)[40] = .nan
      bench.products.run(rows: 3, on: compute)
      #expect(Fixture.row(bench.output, 0).allSatisfy { $0.isFinite }, "\(format.name)")
      #expect(Fixture.row(bench.output, 1).allSatisfy { $0.isNaN }, "\(format.name)")
      #expect(Fixture.row(bench.output, 2).allSatisfy { $0.isFinite }, "\(format.name)")
    }
  }

  @Test("Shapes that do not fit are refused, showing both sides")
  func shapes() throws {
    let workspace = try Workspace(byteCount: 1 << 16)
    let bytes = Fixture.weights(Q8_0.self, rows: 20, columns: 64, seed: 1)
    let weights = try Fixture.matrix(Q8_0.self, bytes, rows: 20, columns: 64)
    let input = try workspace.matrix(rows: 2, columns: 64)
    let output = try workspace.matrix(rows: 2, columns: 20)
    let quantized = try workspace.activations(rows: 2, columns: 64)
    let item = LinearGroup.Item(weights: weights, destination: output)
    let narrow = try workspace.matrix(rows: 2, columns: 32)
    let wrongInput = #expect(throws: TensorError.self) {
      _ = try LinearGroup(input: narrow, quantized: quantized, items: [item])
    }
    #expect(wrongInput?.expected == "an input of 64 columns" && wrongInput?.given == "[2, 32]")
    #expect(throws: TensorError.self) {
      _ = try LinearGroup(
        input: input, quantized: quantized, items: [.init(weights: weights, destination: narrow)])
    }
    let short = output.rows(0..<1)
    #expect(throws: TensorError.self) {
      _ = try LinearGroup(
        input: input, quantized: quantized, items: [.init(weights: weights, destination: short)])
    }
    #expect(throws: TensorError.self) {
      _ = try LinearGroup(input: input, quantized: nil, items: [item])
    }
    let bias = try [Float](repeating: 1, count: 19).withUnsafeBytes { try Vector($0) }
    let wrongBias = #expect(throws: TensorError.self) {
      _ = try LinearGroup(
        input: input, quantized: quantized,
        items: [.init(weights: weights, bias: bias, destination: output)])
    }
    #expect(wrongBias?.expected == "a bias of 20" && wrongBias?.given == "19")
  }
}
