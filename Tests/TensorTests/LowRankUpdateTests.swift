import Foundation
import TestSupport
import Testing

@testable import Tensor

/// Products of low rank against their definition in double precision.
@Suite("Low-rank updates")
struct LowRankUpdateTests {
  @Test(
    "y += s B (A x)",
    arguments: [(1, 1, 1), (1, 16, 16), (4, 64, 128), (5, 37, 19), (16, 576, 1537), (300, 33, 48)])
  func definition(rank: Int, inputs: Int, outputs: Int) throws {
    var generator = SeededGenerator(seed: UInt64(rank))
    let down = generator.floats(rank * inputs, in: -1...1)
    let up = generator.floats(rank * outputs, in: -1...1)
    let update = try #require(try LowRankUpdate(rank: rank, down: down, up: up, scale: 0.5))
    #expect(update.inputs == inputs && update.outputs == outputs)
    let row = GuardedBuffer(generator.floats(inputs, in: -1...1))
    let start = generator.floats(outputs, in: -1...1)
    let result = GuardedBuffer(start)
    update.add(to: result.base, from: UnsafePointer(row.base))
    let input = row.elements.map(Double.init)
    let middle = (0..<rank).map { step in
      zip(input, down[step * inputs..<(step + 1) * inputs]).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    let bound = 1e-6 * Double(rank * inputs)
    for (place, found) in result.elements.enumerated() {
      let sum = zip(middle, up[place * rank..<(place + 1) * rank])
        .reduce(0) { $0 + $1.0 * Double($1.1) }
      #expect(abs(Double(found) - Double(start[place]) - 0.5 * sum) <= bound, "element \(place)")
    }
  }

  @Test("Factors that are not finite make none, and others that do not fit are an error")
  func refused() throws {
    #expect(try LowRankUpdate(rank: 1, down: [.nan], up: [1], scale: 1) == nil)
    #expect(try LowRankUpdate(rank: 1, down: [1], up: [1e30], scale: 1e30) == nil)
    #expect(throws: TensorError.self) {
      _ = try LowRankUpdate(rank: 2, down: [1, 2, 3], up: [1, 2], scale: 1)
    }
    #expect(throws: TensorError.self) {
      _ = try LowRankUpdate(rank: 0, down: [], up: [], scale: 1)
    }
  }
}
