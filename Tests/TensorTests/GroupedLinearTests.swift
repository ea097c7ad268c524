import TestSupport
import Testing

@testable import Tensor

@Suite("Linear maps of which each takes some rows")
struct GroupedLinearTests {
  /// Three layers of two products, and rows for them.
  private struct Bench {
    let workspace: Workspace
    let inputs: [GroupedLinear.Input]
    let items: [[LinearGroup.Item]]
    let outputs: [Matrix]
    let grouped: GroupedLinear

    init(_ format: any WeightFormat.Type, set: InstructionSet) throws {
      let columns = Fixture.columns(64, format)
      let processor = try Processor(limit: set)
      let workspace = try Workspace(byteCount: 8 << 20)
      self.workspace = workspace
      var generator = SeededGenerator(seed: 7)
      inputs = try (0..<2).map { _ in
        let floats = try workspace.matrix(rows: 12, columns: columns)
        Fixture.fill(floats, with: generator.floats(12 * columns, in: -3...3))
        let quantized = try workspace.activations(rows: 12, columns: columns)
        for row in 0..<12 {
          quantized.quantize(row: row, from: floats.row(row), using: processor)
        }
        return GroupedLinear.Input(floats: floats, quantized: quantized)
      }
      let widths = [70, 33]
      let outputs = try widths.map { try workspace.matrix(rows: 12, columns: $0) }
      self.outputs = outputs
      items = try (0..<3).map { member in
        try zip(widths, outputs).map { width, output in
          let bytes = Fixture.weights(
            format, rows: width, columns: columns, seed: UInt64(10 * member + width))
          let bias = generator.floats(width, in: -1...1)
          return LinearGroup.Item(
            weights: try Fixture.matrix(format, bytes, rows: width, columns: columns),
            bias: try bias.withUnsafeBytes { try Vector($0) }, destination: output)
        }
      }
      grouped = try GroupedLinear(inputs: inputs, members: items)
    }

    /// The numbers of some rows of all outputs.
    func bits(rows: Range<Int>) -> [UInt32] {
      outputs.flatMap { output in
        rows.flatMap { row in (0..<output.columns).map { output.row(row)[$0].bitPattern } }
      }
    }
  }

  /// Layers 2 and 0 take rows 3 to 7 of one input and row 11 of the other.
  private static let groups = [
    RowGroup(member: 2, input: 0, inputRow: 3, outputRow: 0, rows: 5),
    RowGroup(member: 0, input: 1, inputRow: 11, outputRow: 5, rows: 1),
  ]

  @Test(
    "Each takes its rows, and gives the bits of a map of its own",
    arguments: 0..<WeightFormats.all.count)
  func bits(index: Int) throws {
    let format = WeightFormats.all[index]
    for set in Processor.available {
      let bench = try Bench(format, set: set)
      for threads in [1, 2] {
        let compute = Compute(processor: try Processor(limit: set), threads: threads)
        Self.groups.withUnsafeBufferPointer { bench.grouped.run($0, on: compute) }
        let found = bench.bits(rows: 0..<6)
        var expected: [UInt32] = []
        for output in bench.outputs.indices {
          for group in Self.groups {
            let input = bench.inputs[group.input]
            let item = bench.items[group.member][output]
            let own = try LinearGroup(
              input: input.floats, quantized: input.quantized, items: [item])
            own.runQuantized(rows: 12, on: compute)
            for row in group.inputRow..<group.inputRow + group.rows {
              let values = item.destination.row(row)
              expected += (0..<item.destination.columns).map { values[$0].bitPattern }
            }
          }
        }
        #expect(found == expected, "\(format.name), \(set), \(threads) threads")
      }
    }
  }

  @Test("Only the weights of layers that have rows are read, once each")
  func bytes() throws {
    let bench = try Bench(Q8_0.self, set: .scalar)
    let compute = Compute(processor: try Processor(limit: .scalar), threads: 1)
    Self.groups.withUnsafeBufferPointer { bench.grouped.run($0, on: compute) }
    let read = [2, 0].flatMap { bench.items[$0] }.reduce(0) { $0 + $1.weights.byteCount }
    #expect(compute.tally.bytes == read)
    let columns = bench.inputs[0].floats.columns
    #expect(compute.tally.multiplications == 6 * columns * (70 + 33))
    bench.grouped.run(UnsafeBufferPointer(start: nil, count: 0), on: compute)
    #expect(compute.tally.bytes == read)
  }

  @Test("An input or an output of another width is refused")
  func shapes() throws {
    let bench = try Bench(F32.self, set: .scalar)
    let narrow = GroupedLinear.Input(
      floats: bench.inputs[0].floats.columns(0..<32), quantized: nil)
    #expect(throws: TensorError.self) {
      try GroupedLinear(inputs: [narrow], members: bench.items)
    }
    let item = LinearGroup.Item(
      weights: bench.items[0][0].weights, destination: bench.outputs[1])
    #expect(throws: TensorError.self) {
      try GroupedLinear(inputs: bench.inputs, members: [[item]])
    }
  }
}
