import CTraining
import Foundation
import TestSupport
import Testing

@testable import Training

/// Every backward pass against central differences of its own forward pass, in double precision.
@Suite("Gradients are derivatives")
struct DerivativeTests {
  private let kernels = apus_training_kernels_in_double().pointee

  private static func random(_ count: Int, seed: Int, scale: Double = 1) -> [Double] {
    var generator = SeededGenerator(seed: UInt64(seed))
    return (0..<count).map { _ in Double.random(in: -scale...scale, using: &generator) }
  }

  /// Expects gradients to be central differences of a function, at 60 places spread evenly or at all.
  private func expect(
    _ gradient: [Double], of what: String, at x: [Double], _ f: ([Double]) -> Double
  ) {
    let largest = max(gradient.map(\.magnitude).max() ?? 0, 1e-3)
    for place in stride(from: 0, to: x.count, by: max(x.count / 60, 1)) {
      let h = 1e-5 * max(x[place].magnitude, 1)
      var (less, more) = (x, x)
      less[place] -= h
      more[place] += h
      let slope = (f(more) - f(less)) / (more[place] - less[place])
      let error = (gradient[place] - slope).magnitude / largest
      #expect(error < 1e-7, "\(what)[\(place)]: \(gradient[place]), not \(slope)")
    }
  }

  private func dot(_ x: [Double], _ y: [Double]) -> Double {
    zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
  }

  @Test("of norms", arguments: [(1, 5), (3, 20)])
  func norm(rows: Int, width: Int) {
    let x = Self.random(rows * width, seed: 1)
    let g = Self.random(width, seed: 2)
    let dy = Self.random(rows * width, seed: 3)
    func work(_ x: UnsafePointer<Double>, _ g: UnsafePointer<Double>) -> apus_row_norm_double {
      apus_row_norm_double(rows: rows, width: width, x: x, g: g, epsilon: 1e-5)
    }
    func value(_ x: [Double], _ g: [Double]) -> Double {
      var y = [Double](repeating: 0, count: rows * width)
      x.withUnsafeBufferPointer { x in
        g.withUnsafeBufferPointer { g in
          guard let x = x.baseAddress, let g = g.baseAddress else { return }
          var norm = work(x, g)
          kernels.norm(&norm, &y)
        }
      }
      return dot(y, dy)
    }
    var dx = [Double](repeating: 0, count: rows * width)
    var dg = [Double](repeating: 0, count: width)
    x.withUnsafeBufferPointer { x in
      g.withUnsafeBufferPointer { g in
        guard let x = x.baseAddress, let g = g.baseAddress else { return }
        var norm = work(x, g)
        kernels.norm_backward(&norm, dy, &dx, &dg)
      }
    }
    expect(dx, of: "x", at: x) { value($0, g) }
    expect(dg, of: "g", at: g) { value(x, $0) }
  }

  @Test("of SwiGLU")
  func swiglu() {
    let gate = Self.random(19, seed: 1, scale: 4)
    let up = Self.random(19, seed: 2)
    let dh = Self.random(19, seed: 3)
    func value(_ gate: [Double], _ up: [Double]) -> Double {
      var out = [Double](repeating: 0, count: 19)
      kernels.swiglu(gate, up, &out, 19)
      return dot(out, dh)
    }
    var (dgate, dup) = (gate, up)
    kernels.swiglu_backward(&dgate, &dup, dh, 19)
    expect(dgate, of: "gate", at: gate) { value($0, up) }
    expect(dup, of: "up", at: up) { value(gate, $0) }
  }

  @Test("of rotation")
  func rotary() {
    let angles = Self.random(8, seed: 4, scale: 3)
    let cosines = angles.flatMap { [cos($0), cos($0)] }
    let sines = angles.flatMap { [-sin($0), sin($0)] }
    let x = Self.random(32, seed: 1)
    let dy = Self.random(32, seed: 2)
    let positions: [UInt32] = [0]
    func rotated(_ x: [Double], inverse: Bool) -> [Double] {
      var out = x
      cosines.withUnsafeBufferPointer { cosines in
        sines.withUnsafeBufferPointer { sines in
          positions.withUnsafeBufferPointer { positions in
            guard let cosines = cosines.baseAddress, let sines = sines.baseAddress,
              let positions = positions.baseAddress
            else { return }
            var work = apus_rotation_double(
              rows: 1, heads: 2, head_length: 16, positions: positions, cosines: cosines,
              sines: sines, inverse: inverse)
            kernels.rotate(&work, &out)
          }
        }
      }
      return out
    }
    expect(rotated(dy, inverse: true), of: "x", at: x) { dot(rotated($0, inverse: false), dy) }
  }

  @Test("of products, left and right")
  func linear() {
    let x = Self.random(3 * 7, seed: 1)
    let w = Self.random(5 * 7, seed: 2)
    let dy = Self.random(3 * 5, seed: 3)
    func value(_ x: [Double], _ w: [Double]) -> Double {
      dot(product(x, (7, 1), w, (1, 7), (3, 5, 7)), dy)
    }
    expect(product(dy, (5, 1), w, (7, 1), (3, 7, 5)), of: "x", at: x) { value($0, w) }
    expect(product(dy, (1, 5), x, (7, 1), (5, 7, 3)), of: "w", at: w) { value(x, $0) }
  }

  /// A product of two matrices whose rows and columns are so far apart, of sizes M, N and K.
  private func product(
    _ a: [Double], _ aSteps: (Int, Int), _ b: [Double], _ bSteps: (Int, Int),
    _ sizes: (m: Int, n: Int, k: Int)
  ) -> [Double] {
    var packed = [Double](repeating: 0, count: sizes.k * sizes.n.roundedUp(to: kernels.panel))
    var c = [Double](repeating: 0, count: sizes.m * sizes.n)
    var scratch = [0.0]
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        kernels.pack(
          apus_view_double(base: b, row: bSteps.0, column: bSteps.1), sizes.k, sizes.n, &packed)
        packed.withUnsafeBufferPointer { packed in
          c.withUnsafeMutableBufferPointer { c in
            scratch.withUnsafeMutableBufferPointer { scratch in
              guard let packed = packed.baseAddress, let c = c.baseAddress,
                let scratch = scratch.baseAddress
              else { return }
              var work = apus_matmul_double(
                rows: sizes.m, columns: sizes.n, depth: sizes.k,
                a: apus_view_double(base: a, row: aSteps.0, column: aSteps.1), b: packed, c: c,
                c_row: sizes.n, accumulates: false, scratch: scratch)
              kernels.multiply(&work)
            }
          }
        }
      }
    }
    return c
  }

  @Test("of the cross-entropy, with a weight", arguments: [1, 5, 40])
  func crossEntropy(count: Int) {
    let logits = Self.random(count, seed: count, scale: 3)
    for weight in [1, 0, -0.7] {
      var gradient = logits
      _ = kernels.cross_entropy(&gradient, count, count / 2, weight)
      expect(gradient, of: "logits", at: logits) { logits in
        var copy = logits
        return -weight * kernels.cross_entropy(&copy, count, count / 2, 1)
      }
    }
  }

  @Test(
    "of attention",
    arguments: [([1], 1, 1), ([9], 2, 1), ([1, 5, 3], 4, 2), ([3, 70], 2, 1)])
  func attention(documents: [Int], queryHeads: Int, keyValueHeads: Int) {
    let run = DoubleAttention(
      documents: documents, queryHeads: queryHeads, keyValueHeads: keyValueHeads)
    let tokens = documents.reduce(0, +)
    let q = Self.random(tokens * queryHeads * 16, seed: 1)
    let k = Self.random(tokens * keyValueHeads * 16, seed: 2)
    let v = Self.random(tokens * keyValueHeads * 16, seed: 3)
    let dout = Self.random(q.count, seed: 4)
    let result = run.run(q, k, v, dout)
    expect(result.dq, of: "q", at: q) { dot(run.run($0, k, v, nil).out, dout) }
    expect(result.dk, of: "k", at: k) { dot(run.run(q, $0, v, nil).out, dout) }
    expect(result.dv, of: "v", at: v) { dot(run.run(q, k, $0, nil).out, dout) }
  }
}
