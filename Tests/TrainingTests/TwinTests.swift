import CTraining
import Tensor
import TestSupport
import Testing

@testable import Training

/// Each kernel of training of each instruction set against its plain twin, bit by bit, on memory that ends
/// where a page does.
@Suite("Fast kernels of training equal plain ones")
struct TwinTests {
  private typealias Kernels = apus_training_kernels

  private func expectTwins(
    _ what: @autoclosure () -> String, _ body: (apus_training_kernels) -> [UInt32]
  ) throws {
    let plain = body(try TrainingKernels(limit: .scalar).table.pointee)
    for set in Processor.available where set != .scalar {
      let result = body(try TrainingKernels(limit: set).table.pointee)
      if result != plain { Issue.record("\(set) differs: \(what())") }
    }
  }

  private func inputs(_ count: Int, seed: Int, scale: Float = 2) -> GuardedBuffer<Float> {
    var generator = SeededGenerator(seed: UInt64(seed))
    return GuardedBuffer(generator.floats(count, in: -scale...scale))
  }

  @Test("Products: all edges of tiles, panels and blocks, both orientations, adding or not")
  func multiply() throws {
    let shapes = [
      (1, 1, 1), (2, 16, 3), (13, 31, 5), (14, 32, 8), (15, 33, 9), (6, 17, 257), (29, 65, 255),
      (64, 64, 64), (230, 48, 256), (226, 40, 600), (7, 129, 512),
    ]
    for (m, n, k) in shapes {
      let a = inputs(m * k, seed: m)
      let b = inputs(k * n, seed: n)
      let before = inputs(m * n, seed: k)
      for (leftTurned, rightTurned, adds) in [(false, false, true), (true, true, false)] {
        try expectTwins("[\(m), \(n), \(k)] \(leftTurned)") { kernels in
          let packed = GuardedBuffer<Float>(
            repeating: .nan, count: k * n.roundedUp(to: kernels.panel))
          let c = GuardedBuffer(before.elements)
          let scratch = GuardedBuffer<Float>(repeating: 0, count: Int(APUS_MATMUL_SCRATCH))
          defer { withExtendedLifetime([a, b, packed, c, scratch]) {} }
          kernels.pack(
            apus_view(base: b.base, row: rightTurned ? 1 : n, column: rightTurned ? k : 1), k, n,
            packed.base)
          var work = apus_matmul(
            rows: m, columns: n, depth: k,
            a: apus_view(base: a.base, row: leftTurned ? 1 : k, column: leftTurned ? m : 1),
            b: packed.base, c: c.base, c_row: n, accumulates: adds, scratch: scratch.base)
          kernels.multiply(&work)
          return c.elements.bits
        }
      }
    }
  }

  @Test("Norms, forward and backward", arguments: [1, 15, 16, 33, 64, 100])
  func norm(width: Int) throws {
    let x = inputs(3 * width, seed: 1)
    let g = inputs(width, seed: 2)
    let dy = inputs(3 * width, seed: 3)
    try expectTwins("\(width)") { kernels in
      var work = apus_row_norm(rows: 3, width: width, x: x.base, g: g.base, epsilon: 1e-5)
      let y = GuardedBuffer<Float>(repeating: .nan, count: 3 * width)
      let dx = inputs(3 * width, seed: 4)
      let dg = inputs(width, seed: 5)
      defer { withExtendedLifetime([x, g, dy, y, dx, dg]) {} }
      kernels.norm(&work, y.base)
      kernels.norm_backward(&work, dy.base, dx.base, dg.base)
      return (y.elements + dx.elements + dg.elements).bits
    }
  }

  @Test("Rotation, both ways", arguments: [16, 48, 64])
  func rotate(length: Int) throws {
    let cosines = inputs(9 * length, seed: 1)
    let sines = inputs(9 * length, seed: 2)
    let positions = GuardedBuffer<UInt32>([0, 8, 3])
    for inverse in [false, true] {
      try expectTwins("\(length)") { kernels in
        let x = inputs(3 * 2 * length, seed: 3)
        defer { withExtendedLifetime((x, positions, cosines, sines)) {} }
        var work = apus_rotation(
          rows: 3, heads: 2, head_length: length, positions: positions.base,
          cosines: cosines.base, sines: sines.base, inverse: inverse)
        kernels.rotate(&work, x.base)
        return x.elements.bits
      }
    }
  }

  @Test("SwiGLU, sums, squares and AdamW", arguments: [1, 15, 16, 17, 64, 133])
  func elements(count: Int) throws {
    let y = inputs(count, seed: 9, scale: 30)
    try expectTwins("\(count)") { kernels in
      let gate = inputs(count, seed: 1, scale: 90)
      let up = inputs(count, seed: 2)
      let out = GuardedBuffer<Float>(repeating: .nan, count: count)
      kernels.swiglu(gate.base, up.base, out.base, count)
      kernels.swiglu_backward(gate.base, up.base, y.base, count)
      let x = inputs(count, seed: 3)
      kernels.add(x.base, y.base, count)
      kernels.blend(x.base, 0.7, y.base, -1.3, count)
      let weights = inputs(count, seed: 4)
      let first = inputs(count, seed: 5)
      let second = GuardedBuffer(inputs(count, seed: 6).elements.map(\.magnitude))
      defer { withExtendedLifetime([y, gate, up, out, x, weights, first, second]) {} }
      var constants = AdamW(OptimizerSettings(), step: 3)
        .constants(rate: 1e-2, scale: 0.3, decays: true)
      kernels.adamw(&constants, weights.base, first.base, second.base, y.base, count)
      let squares = Float(kernels.sum_squares(y.base, count))
      let all = [out, gate, up, x, weights, first, second].flatMap(\.elements)
      return (all + [squares]).bits
    }
  }

  @Test("Cross-entropy", arguments: [1, 2, 15, 16, 31, 96, 1000])
  func crossEntropy(count: Int) throws {
    for scale in [1, 80] as [Float] {
      try expectTwins("\(count)") { kernels in
        let logits = inputs(count, seed: count, scale: scale)
        defer { withExtendedLifetime(logits) {} }
        let value = kernels.cross_entropy(logits.base, count, count / 2, 0.75)
        let bits = [UInt32(truncatingIfNeeded: value.bitPattern >> 32)]
        return logits.elements.bits + bits + [UInt32(truncatingIfNeeded: value.bitPattern)]
      }
    }
  }

  @Test("Attention, forward and backward, over documents of many lengths")
  func attention() throws {
    let cases: [(tokens: [Int], heads: (Int, Int), length: Int)] = [
      ([1], (1, 1), 16), ([64], (2, 1), 16), ([65], (2, 2), 32), ([63, 2], (4, 2), 16),
      ([1, 1, 60, 130, 3], (4, 2), 48), ([200], (2, 1), 80),
    ]
    for (documents, heads, length) in cases {
      try expectTwins("\(documents), \(heads), \(length)") { kernels in
        AttentionRun(documents: documents, heads: heads, length: length).bits(kernels)
      }
    }
  }
}

/// One run of attention in both directions.
private struct AttentionRun {
  let documents: [Int]
  let heads: (Int, Int)
  let length: Int

  func bits(_ kernels: apus_training_kernels) -> [UInt32] {
    var generator = SeededGenerator(seed: UInt64(documents.count))
    let tokens = documents.reduce(0, +)
    var first: [UInt32] = []
    for count in documents {
      first += [UInt32](repeating: UInt32(first.count), count: count)
    }
    func random(_ heads: Int) -> GuardedBuffer<Float> {
      GuardedBuffer(generator.floats(tokens * heads * length, in: -2...2))
    }
    func empty(_ count: Int) -> GuardedBuffer<Float> {
      GuardedBuffer(repeating: .nan, count: count)
    }
    let q = random(heads.0)
    let k = random(heads.1)
    let v = random(heads.1)
    let dout = random(heads.0)
    let out = empty(q.count)
    let dq = empty(q.count)
    let dk = empty(k.count)
    let dv = empty(k.count)
    let greatest = empty(tokens * heads.0)
    let sums = empty(tokens * heads.0)
    let starts = GuardedBuffer(first)
    let scratch = empty(apus_training_attention_scratch(tokens, length))
    let owners = [q, k, v, dout, out, dq, dk, dv, greatest, sums, scratch]
    defer { withExtendedLifetime((owners, starts)) {} }
    var work = apus_leaf_attention(
      tokens: tokens, query_heads: heads.0, key_value_heads: heads.1, head_length: length,
      first: starts.base, q: q.base, k: k.base, v: v.base, out: out.base,
      greatest: greatest.base, inverse_sum: sums.base, scratch: scratch.base)
    kernels.attend(&work)
    var gradients = apus_leaf_attention_gradients(
      out: dout.base, q: dq.base, k: dk.base, v: dv.base)
    kernels.attend_backward(&work, &gradients)
    let all = [out, greatest, sums, dq, dk, dv].flatMap(\.elements)
    return all.bits + [all.contains { !$0.isFinite } ? 1 : 0]
  }
}
