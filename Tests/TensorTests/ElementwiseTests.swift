import Foundation
import TestSupport
import Testing

@testable import Tensor

/// The element-wise kernels against their definitions in double precision.
@Suite("Element-wise kernels are right")
struct ElementwiseTests {
  private static let sizes = [1, 2, 15, 16, 17, 64, 100, 576, 1537]

  private func expectClose(
    _ found: [Float], _ expected: [Double], within tolerance: Double, _ what: String
  ) {
    for (index, pair) in zip(found, expected).enumerated()
    where abs(Double(pair.0) - pair.1) > tolerance * max(abs(pair.1), 1e-30) {
      Issue.record("\(what): element \(index) is \(pair.0), not \(pair.1)")
      return
    }
  }

  @Test("RMS normalization", arguments: Processor.available)
  func rmsNorm(set: InstructionSet) throws {
    let processor = try Processor(limit: set)
    var generator = SeededGenerator(seed: 1)
    for count in Self.sizes {
      let x = generator.floats(count, in: -5...5)
      let weights = generator.floats(count, in: 0.5...2)
      var out = [Float](repeating: 0, count: count)
      weights.withUnsafeBufferPointer { weights in
        guard let base = weights.baseAddress else { return }
        RMSNorm(weights: base, count: count, epsilon: 1e-5).apply(
          to: x, into: &out, using: processor)
      }
      let mean = x.reduce(0) { $0 + Double($1) * Double($1) } / Double(count)
      let factor = 1 / (mean + Double(1e-5 as Float)).squareRoot()
      let expected = zip(x, weights).map { Double($0) * Double($1) * factor }
      expectClose(out, expected, within: 1e-6, "\(count) elements")
    }
  }

  @Test("Layer normalization, with and without factors and terms", arguments: Processor.available)
  func layerNorm(set: InstructionSet) throws {
    let processor = try Processor(limit: set)
    var generator = SeededGenerator(seed: 6)
    for (count, parts) in Self.sizes.flatMap({ size in (0..<4).map { (size, $0) } }) {
      let x = generator.floats(count, in: -5...7)
      let weights = parts & 1 == 0 ? nil : GuardedBuffer(generator.floats(count, in: 0.5...2))
      let biases = parts & 2 == 0 ? nil : GuardedBuffer(generator.floats(count, in: -1...1))
      let row = GuardedBuffer(x)
      LayerNorm(
        weights: weights.map { UnsafePointer($0.base) },
        biases: biases.map { UnsafePointer($0.base) }, count: count, epsilon: 1e-5
      ).apply(to: row.base, into: row.base, using: processor)
      let out = row.elements
      let mean = x.reduce(0) { $0 + Double($1) } / Double(count)
      let variance = x.reduce(0) { $0 + pow(Double($1) - mean, 2) } / Double(count)
      let factor = 1 / (variance + Double(1e-5 as Float)).squareRoot()
      for index in 0..<count {
        let expected =
          (Double(x[index]) - mean) * factor * Double(weights?.elements[index] ?? 1)
          + Double(biases?.elements[index] ?? 0)
        // Of a single element nothing is left but what rounding its mean leaves.
        #expect(abs(Double(out[index]) - expected) <= 4e-6, "\(count) elements")
      }
    }
  }

  /// An activation in double precision.
  private static func value(_ activation: Activation, of x: Double) -> Double {
    switch activation {
    case .silu: x / (1 + exp(-x))
    case .gelu: x / 2 * erfc(-x / 2.0.squareRoot())
    case .geluTanh: x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .relu: max(x, 0)
    case .reluSquared: max(x, 0) * max(x, 0)
    }
  }

  @Test(
    "Activations, with a partner and without", arguments: Activation.allCases, Processor.available)
  func gated(activation: Activation, set: InstructionSet) throws {
    let processor = try Processor(limit: set)
    var generator = SeededGenerator(seed: 2)
    for count in Self.sizes {
      let gate = generator.floats(count, in: -30...30)
      let up = generator.floats(count, in: -5...5)
      var gated = [Float](repeating: 0, count: count)
      var plain = gated
      processor.gated(activation, gate: gate, up: up, into: &gated, count: count)
      processor.gated(activation, gate: gate, up: nil, into: &plain, count: count)
      for index in 0..<count {
        let x = Double(gate[index])
        let expected = Self.value(activation, of: x)
        let bound = 1e-6 * max(1, abs(expected))
        #expect(abs(Double(plain[index]) - expected) <= bound, "\(x)")
        #expect(abs(Double(gated[index]) - expected * Double(up[index])) <= 6 * bound, "\(x)")
      }
    }
  }

  @Test("xIELU", arguments: Processor.available)
  func xielu(set: InstructionSet) throws {
    let processor = try Processor(limit: set)
    var generator = SeededGenerator(seed: 4)
    let figures = XIELU(square: 0.75, exponential: 1.25, slope: 0.5, ceiling: -1e-6)
    for count in Self.sizes {
      let before = generator.floats(count, in: -10...10)
      var after = before
      processor.xielu(&after, count: count, figures: figures)
      for index in 0..<count {
        let x = Double(before[index])
        let expected =
          x > 0 ? 0.75 * x * x + 0.5 * x : 1.25 * (expm1(min(x, -1e-6)) - x) + 0.5 * x
        #expect(abs(Double(after[index]) - expected) <= 1e-6 * max(1, abs(expected)), "\(x)")
      }
    }
  }

  @Test("Gates whose inputs are bounded", arguments: Processor.available)
  func boundedGates(set: InstructionSet) throws {
    let processor = try Processor(limit: set)
    var generator = SeededGenerator(seed: 5)
    let figures = BoundedGate(limit: 7, slope: 1.75)
    for count in Self.sizes {
      let (before, up) = (
        generator.floats(count, in: -12...12), generator.floats(count, in: -9...9)
      )
      var after = before
      processor.boundedGate(&after, up: up, count: count, figures: figures)
      for index in 0..<count {
        let (gate, other) = (min(Double(before[index]), 7), max(-7, min(7, Double(up[index]))))
        let expected = (other + 1) * gate / (1 + exp(-1.75 * gate))
        #expect(abs(Double(after[index]) - expected) <= 2e-6 * max(1, abs(expected)), "\(gate)")
      }
    }
  }

  @Test("Soft caps, bounds, sums and multiples of rows", arguments: Processor.available)
  func rows(set: InstructionSet) throws {
    let processor = try Processor(limit: set)
    var generator = SeededGenerator(seed: 3)
    for count in Self.sizes {
      let before = generator.floats(count, in: -100...100)
      var x = before
      processor.softCap(&x, count: count, cap: 30)
      expectClose(x, before.map { 30 * tanh(Double($0) / 30) }, within: 1e-6, "\(count) caps")
      var y = before
      processor.add(x, to: &y, count: count)
      #expect(y == zip(before, x).map { $0 + $1 })
      processor.scale(&y, count: count, by: 0.3)
      #expect(y == zip(before, x).map { ($0 + $1) * 0.3 })
      processor.clamp(&y, count: count, to: 8)
      #expect(y == zip(before, x).map { min(8, max(-8, ($0 + $1) * 0.3)) })
    }
  }

  @Test("A row of 15-bit values is within half a step of the input, block by block")
  func quantize() throws {
    for set in Processor.available {
      let processor = try Processor(limit: set)
      var generator = SeededGenerator(seed: 4)
      for blocks in 1...9 {
        let values = generator.floats(32 * blocks, in: -1...1).enumerated().map {
          $1 * Float($0 / 32 + 1)
        }
        let target = GuardedActivations(rows: 1, columns: 32 * blocks)
        target.view.quantize(row: 0, from: values, using: processor)
        for block in 0..<blocks {
          let part = values[32 * block..<32 * block + 32]
          let step = (part.map(abs).max() ?? 0) / 16319
          for column in part.indices {
            let error = abs(target.view.value(row: 0, column: column) - values[column])
            // Half a step, and what float32 adds to numbers of 16319 steps.
            #expect(error <= step * 0.503, "\(set) column \(column)")
          }
        }
      }
    }
  }

  @Test(
    "Rotation turns each pair by its angle, in both pairings, and leaves the rest",
    arguments: Processor.available)
  func rotate(set: InstructionSet) throws {
    let processor = try Processor(limit: set)
    var generator = SeededGenerator(seed: 5)
    for pairing in [RotaryTable.Pairing.interleaved, .halves] {
      for (dimensions, length) in [(64, 64), (32, 80), (128, 128), (6, 7)] {
        let table = try RotaryTable(
          frequencies: RotaryTable.frequencies(dimensions: dimensions, base: 10000),
          positions: 5000, pairing: pairing)
        let before = generator.floats(2 * length)
        for position in [0, 1, 77, 4999] {
          var row = before
          table.rotate(
            &row, heads: 2, headLength: length, position: position, using: processor)
          var expected = before.map(Double.init)
          for head in 0..<2 {
            for pair in 0..<dimensions / 2 {
              let first = head * length + (pairing == .interleaved ? 2 * pair : pair)
              let second = first + (pairing == .interleaved ? 1 : dimensions / 2)
              let angle = Double(position) * pow(10000, -2 * Double(pair) / Double(dimensions))
              let (a, b) = (Double(before[first]), Double(before[second]))
              expected[first] = a * cos(angle) - b * sin(angle)
              expected[second] = a * sin(angle) + b * cos(angle)
            }
          }
          for index in row.indices {
            #expect(abs(Double(row[index]) - expected[index]) < 3e-7, "\(pairing) at \(position)")
          }
        }
      }
    }
  }

  @Test("A rotary table refuses what is not finite, and sizes that no memory holds")
  func refused() {
    #expect(throws: TensorError.self) {
      _ = try RotaryTable(frequencies: [.infinity], positions: 1, pairing: .halves)
    }
    #expect(throws: TensorError.self) {
      _ = try RotaryTable(frequencies: [1], positions: -1, pairing: .halves)
    }
    #expect(throws: TensorError.self) {
      _ = try RotaryTable(frequencies: [1, 1], positions: Int.max / 4, pairing: .halves)
    }
  }
}
