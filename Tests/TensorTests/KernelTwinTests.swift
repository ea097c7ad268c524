import CKernels
import TestSupport
import Testing

@testable import Tensor

/// Each kernel of each instruction set against its plain twin, bit by bit, with inputs and outputs
/// that end where memory ends.
@Suite("Fast kernels equal plain ones")
struct KernelTwinTests {
  private static let sizes = 1...257

  /// Runs `body` with each kernel set and expects the same results.
  private func expectTwins<Result: Equatable>(
    _ what: @autoclosure () -> String, _ body: (Processor) -> Result
  ) throws {
    let plain = body(try Processor(limit: .scalar))
    for set in Fixture.vectorSets {
      let result = body(try Processor(limit: set))
      if result != plain { Issue.record("\(set) differs: \(what())") }
    }
  }

  /// Random numbers with some of the values that break kernels.
  private func inputs(_ count: Int, seed: Int, extremes: [Float] = []) -> [Float] {
    var generator = SeededGenerator(seed: UInt64(seed))
    var values = generator.floats(count, in: -8...8)
    for value in extremes where Bool.random(using: &generator) {
      values[Int.random(in: 0..<count, using: &generator)] = value
    }
    return values
  }

  @Test("RMS normalization", arguments: [1e-5 as Float, 0])
  func rmsNorm(epsilon: Float) throws {
    for count in Self.sizes {
      let x = GuardedBuffer(inputs(count, seed: count, extremes: [0, -0.0, 1e-30, 1e18]))
      let weights = GuardedBuffer(inputs(count, seed: count + 1000))
      try expectTwins("\(count) elements") { processor in
        let out = GuardedBuffer<Float>(repeating: .nan, count: count)
        RMSNorm(weights: weights.base, count: count, epsilon: epsilon)
          .apply(to: x.base, into: out.base, using: processor)
        return out.elements.bits
      }
    }
  }

  @Test("Layer normalization", arguments: [1e-5 as Float, 0])
  func layerNorm(epsilon: Float) throws {
    for count in Self.sizes {
      let x = GuardedBuffer(inputs(count, seed: count, extremes: [0, -0.0, 1e-30, 1e18]))
      let factors = GuardedBuffer(inputs(count, seed: count + 1000))
      let terms = GuardedBuffer(inputs(count, seed: count + 2000))
      for (weights, biases) in [(factors.base, terms.base), (factors.base, nil), (nil, nil)] {
        try expectTwins("\(count) elements") { processor in
          let out = GuardedBuffer<Float>(repeating: .nan, count: count)
          LayerNorm(
            weights: weights.map { UnsafePointer($0) }, biases: biases.map { UnsafePointer($0) },
            count: count, epsilon: epsilon
          ).apply(to: x.base, into: out.base, using: processor)
          return out.elements.bits
        }
      }
    }
  }

  @Test("Activations, for all magnitudes", arguments: Activation.allCases)
  func gated(activation: Activation) throws {
    let extremes: [Float] = [
      0, -0.0, 88, -88, 104, -104, 1e30, -1e30, .infinity, .leastNormalMagnitude / 128,
    ]
    for count in Self.sizes {
      let gate = GuardedBuffer(inputs(count, seed: count, extremes: extremes))
      let up = GuardedBuffer(inputs(count, seed: count + 1000))
      try expectTwins("\(count) elements") { processor in
        let out = GuardedBuffer<Float>(repeating: .nan, count: 2 * count)
        processor.gated(activation, gate: gate.base, up: up.base, into: out.base, count: count)
        processor.gated(
          activation, gate: gate.base, up: nil, into: out.base + count, count: count)
        return out.elements.bits
      }
    }
  }

  @Test("Soft caps, bounds, sums and multiples of rows")
  func rows() throws {
    for count in Self.sizes {
      let before = inputs(count, seed: count, extremes: [-.infinity, -1e30, 50, -0.0, 0x1p-140])
      let y = GuardedBuffer(inputs(count, seed: count + 1000))
      try expectTwins("\(count) elements") { processor in
        let x = GuardedBuffer(before)
        processor.softCap(x.base, count: count, cap: 5)
        processor.add(y.base, to: x.base, count: count)
        processor.scale(x.base, count: count, by: 1.7)
        processor.clamp(x.base, count: count, to: 6)
        return x.elements.bits
      }
    }
  }

  @Test("Rotation, of whole heads and of parts")
  func rotate() throws {
    for pairing in [RotaryTable.Pairing.interleaved, .halves] {
      for dimensions in stride(from: 2, through: 128, by: 2) {
        let table = try RotaryTable(
          frequencies: RotaryTable.frequencies(dimensions: dimensions, base: 10000),
          positions: 70, pairing: pairing)
        for (heads, extra) in [(1, 0), (3, 0), (2, 7)] {
          let length = dimensions + extra
          let values = inputs(heads * length, seed: dimensions)
          try expectTwins("\(heads) heads, \(dimensions) of \(length), \(pairing)") { processor in
            let row = GuardedBuffer(values)
            table.rotate(
              row.base, heads: heads, headLength: length, position: 69, using: processor)
            return row.elements.bits
          }
        }
      }
    }
  }

  @Test("Rounding to 15 bits, with zeros, extremes and values that are not finite")
  func quantize() throws {
    let extremes: [Float] = [
      0, -0.0, .leastNormalMagnitude / 128, 3e38, .nan, .infinity, -.infinity,
    ]
    for blocks in 1...20 {
      let columns = 32 * blocks
      for zeros in [false, true] {
        let values =
          zeros
          ? [Float](repeating: 0, count: columns)
          : inputs(columns, seed: blocks, extremes: blocks.isMultiple(of: 2) ? extremes : [])
        let source = GuardedBuffer(values)
        try expectTwins("\(columns) columns") { processor in
          let target = GuardedActivations(rows: 2, columns: columns)
          target.view.quantize(row: 1, from: source.base, using: processor)
          return target.bits
        }
      }
    }
  }

  @Test("Products of panels, for every number of rows and columns up to some tiles")
  func multiply() throws {
    let shapes = [
      (1, 16), (2, 17), (3, 1), (4, 33), (5, 48), (8, 31), (9, 64), (17, 100), (40, 129),
    ]
    for format in WeightFormats.all where format.blockLength > 1 {
      for blocks in format.blockLength == 32 ? [1, 2, 3, 5, 8] : [1, 2] {
        for (rows, n) in shapes {
          let columns = format.blockLength * blocks
          let bytes = Fixture.weights(format, rows: n, columns: columns, seed: UInt64(n))
          let weights = try Fixture.matrix(format, bytes, rows: n, columns: columns)
          guard weights.readsQuantizedInput else { continue }
          let values = (0..<rows).map { inputs(columns, seed: $0) }
          let before = inputs(rows * n, seed: 99)
          let bias = GuardedBuffer(inputs(n, seed: 98))
          for (accumulate, hasBias) in [(false, false), (true, false), (false, true), (true, true)]
          {
            try expectTwins("\(format.name) [\(rows), \(n), \(columns)]") { processor in
              let input = GuardedActivations(rows: rows, columns: columns)
              for row in 0..<rows {
                values[row].withUnsafeBufferPointer { buffer in
                  _ = buffer.baseAddress.map {
                    input.view.quantize(row: row, from: $0, using: processor)
                  }
                }
              }
              let out = GuardedBuffer(before)
              let matrix = Matrix(base: out.base, rows: rows, columns: n)
              weights.packed.multiply(
                panels: 0..<weights.packed.panelCount,
                ProductOperands(
                  rows: rows, input: matrix, quantized: input.view, destination: matrix,
                  bias: hasBias ? UnsafePointer(bias.base) : nil, accumulate: accumulate,
                  kernels: processor.kernels, scratch: FloatScratch()))
              return out.elements.bits
            }
          }
        }
      }
    }
  }

  @Test("Parts of the panels give the parts of the product")
  func parts() throws {
    let bytes = Fixture.weights(Q4_1.self, rows: 150, columns: 64, seed: 1)
    let weights = try Fixture.matrix(Q4_1.self, bytes, rows: 150, columns: 64)
    for set in Processor.available {
      let processor = try Processor(limit: set)
      let input = GuardedActivations(rows: 3, columns: 64)
      for row in 0..<3 {
        let values = GuardedBuffer(inputs(64, seed: row))
        input.view.quantize(row: row, from: values.base, using: processor)
      }
      func product(_ parts: [Range<Int>]) -> [UInt32] {
        let out = GuardedBuffer<Float>(repeating: 0, count: 3 * 150)
        let matrix = Matrix(base: out.base, rows: 3, columns: 150)
        for part in parts {
          weights.packed.multiply(
            panels: part,
            ProductOperands(
              rows: 3, input: matrix, quantized: input.view, destination: matrix, bias: nil,
              accumulate: false, kernels: processor.kernels, scratch: FloatScratch()))
        }
        return out.elements.bits
      }
      let whole = product([0..<10])
      for cut in 0...10 { #expect(product([0..<cut, cut..<10]) == whole, "\(set) cut at \(cut)") }
    }
  }
}
