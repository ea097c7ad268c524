import Foundation
import GPTModel
import Tensor
import TestSupport

/// Llama once more, in plain double precision, for comparison.
///
/// Written from the papers and the file format, sharing no code with the decoder but the decoding of
/// weights. It makes the roundings that the decoder makes on purpose, 15-bit inputs of quantised weights,
/// and queries, keys, values and weights of attention as bfloat16, and no others.
struct ReferenceLlama {
  private let sizes: TinyModel
  private let tensors: [String: [Double]]
  private var roundsInputs: Bool { sizes.format.layout.blockLength > 1 }

  init(_ model: TinyModel) throws {
    sizes = model
    let file = try ModelFile(source: MemorySource(model.bytes()), types: .supported)
    var tensors: [String: [Double]] = [:]
    try file.read { info, bytes in
      guard let format = WeightFormats.format(fileType: info.fileType) else { return }
      var values = [Float](repeating: 0, count: info.elementCount)
      values.withUnsafeMutableBufferPointer { format.decode(bytes, into: $0) }
      tensors[info.name] = values.map(Double.init)
    }
    self.tensors = tensors
  }

  /// The logits of every position, [C, V].
  func logits(of tokens: [Token]) -> [[Double]] {
    states(of: tokens).map { product($0, sizes.isTied ? "token_embd" : "output") }
  }

  /// The states of every position after the last norm, [C, W].
  func states(of tokens: [Token]) -> [[Double]] {
    let width = sizes.width
    let embedding = weight("token_embd")
    var hidden = tokens.map { Array(embedding[(Int($0) * width)..<((Int($0) + 1) * width)]) }
    for layer in 0..<sizes.layers {
      let attended = attention(hidden.map { norm($0, "blk.\(layer).attn_norm") }, layer)
      hidden = zip(hidden, attended).map(add)
      let fed = hidden.map { mlp(norm($0, "blk.\(layer).ffn_norm"), layer) }
      hidden = zip(hidden, fed).map(add)
    }
    return hidden.map { norm($0, "output_norm") }
  }

  private func weight(_ name: String) -> [Double] { tensors[name + ".weight"] ?? [] }

  private func add(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map(+) }

  private func norm(_ x: [Double], _ name: String) -> [Double] {
    let mean = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
    let scale = 1 / (mean + 1e-5).squareRoot()
    return zip(x, weight(name)).map { $0 * scale * $1 }
  }

  private func product(_ x: [Double], _ name: String) -> [Double] {
    let (input, weights) = (roundsInputs ? roundedTo15Bits(x) : x, weight(name))
    return weights.withUnsafeBufferPointer { weights in
      input.withUnsafeBufferPointer { input in
        stride(from: 0, to: weights.count, by: input.count).map { row in
          // A plain loop, which is fast without optimisation too.
          var sum = 0.0
          var index = 0
          while index < input.count {
            sum += weights[row &+ index] * input[index]
            index &+= 1
          }
          return sum
        }
      }
    }
  }

  private func roundedTo15Bits(_ x: [Double]) -> [Double] {
    stride(from: 0, to: x.count, by: 32).flatMap { start -> [Double] in
      let block = x[start..<(start + 32)]
      let scale = (block.map(\.magnitude).max() ?? 0) / 16_319
      return block.map { scale > 0 ? ($0 / scale).rounded(.toNearestOrEven) * scale : 0 }
    }
  }

  private func roundedToBFloat16(_ x: [Double]) -> [Double] {
    x.map { value in
      let bits = Float(value).bitPattern
      let rounded = bits &+ 0x7FFF &+ (bits >> 16 & 1)
      return Double(Float(bitPattern: rounded & 0xFFFF_0000))
    }
  }

  private func attention(_ x: [[Double]], _ layer: Int) -> [[Double]] {
    let length = sizes.width / sizes.heads
    let group = sizes.heads / sizes.keyValueHeads
    let block = "blk.\(layer)."
    let queries = x.enumerated().map {
      roundedToBFloat16(turned(product($1, block + "attn_q"), at: $0))
    }
    let keys = x.enumerated().map {
      roundedToBFloat16(turned(product($1, block + "attn_k"), at: $0))
    }
    let values = x.map { roundedToBFloat16(product($0, block + "attn_v")) }
    return x.indices.map { position in
      var mixed: [Double] = []
      for head in 0..<sizes.heads {
        let (own, shared) = (head * length, head / group * length)
        let scores = (0...position).map { other in
          (0..<length).reduce(0) {
            $0 + queries[position][own + $1] * keys[other][shared + $1]
          } / Double(length).squareRoot()
        }
        let highest = scores.max() ?? 0
        let weights = scores.map { exp($0 - highest) }
        let sum = weights.reduce(0, +)
        let rounded = roundedToBFloat16(weights)
        mixed += (0..<length).map { element in
          (0...position).reduce(0) { $0 + rounded[$1] / sum * values[$1][shared + element] }
        }
      }
      return product(mixed, block + "attn_output")
    }
  }

  /// Turns neighbouring pairs of each head by position / 10000^(2 i / D).
  private func turned(_ x: [Double], at position: Int) -> [Double] {
    let length = sizes.width / sizes.heads
    var result = x
    for first in stride(from: 0, to: x.count, by: 2) {
      let angle = Double(position) / pow(10_000, Double(first % length) / Double(length))
      result[first] = x[first] * cos(angle) - x[first + 1] * sin(angle)
      result[first + 1] = x[first] * sin(angle) + x[first + 1] * cos(angle)
    }
    return result
  }

  private func mlp(_ x: [Double], _ layer: Int) -> [Double] {
    let gate = product(x, "blk.\(layer).ffn_gate")
    let up = product(x, "blk.\(layer).ffn_up")
    return product(zip(gate, up).map { $0 / (1 + exp(-$0)) * $1 }, "blk.\(layer).ffn_down")
  }
}
