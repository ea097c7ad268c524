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
  /// What a decoder could get a little wrong; a test changes one to see whether that would be noticed.
  struct Rules {
    /// What a norm adds to the mean of the squares.
    var epsilon = 1e-5
    /// The base of the rotary angles.
    var rotaryBase = 10_000.0
    /// The factor on scores, as a share of 1 / √D.
    var scoreScale = 1.0
    /// Positions before its own that a query sees at most.
    var window = Int.max
    /// Whether the weights of attention are rounded.
    var roundsWeights = true
  }

  /// The keys and values of the positions so far, [L, C, G D] each.
  struct Context {
    fileprivate var keys: [[[Double]]]
    fileprivate var values: [[[Double]]]
    fileprivate var count: Int { keys.first?.count ?? 0 }
  }

  /// What it computes.
  var rules = Rules()
  /// How it rounds.
  var round = ReferenceRounding()
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
  func logits(of tokens: [Token]) throws -> [[Double]] {
    try states(of: tokens).map { product($0, sizes.isTied ? "token_embd" : "output") }
  }

  /// The states of every position after the last norm, [C, W].
  func states(of tokens: [Token]) throws -> [[Double]] {
    var context = emptyContext
    return try tokens.map { try state(of: $0, in: &context) }
  }

  /// The context of a text's first token.
  var emptyContext: Context {
    let none = Array(repeating: [[Double]](), count: sizes.layers)
    return Context(keys: none, values: none)
  }

  /// The state of the next position after the last norm, [W].
  func state(of token: Token, in context: inout Context) throws -> [Double] {
    let width = sizes.width
    var hidden = Array(weight("token_embd")[(Int(token) * width)..<((Int(token) + 1) * width)])
    let position = context.count
    for layer in 0..<sizes.layers {
      let block = "blk.\(layer)."
      let input = norm(hidden, block + "attn_norm")
      let queries = try round(turned(product(input, block + "attn_q"), at: position))
      context.keys[layer].append(try round(turned(product(input, block + "attn_k"), at: position)))
      context.values[layer].append(try round(product(input, block + "attn_v")))
      let mixed = try attention(queries, keys: context.keys[layer], values: context.values[layer])
      hidden = add(hidden, product(mixed, block + "attn_output"))
      hidden = add(hidden, mlp(norm(hidden, block + "ffn_norm"), block))
    }
    return norm(hidden, "output_norm")
  }

  private func weight(_ name: String) -> [Double] { tensors[name + ".weight"] ?? [] }

  private func add(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map(+) }

  private func norm(_ x: [Double], _ name: String) -> [Double] {
    let mean = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
    let scale = 1 / (mean + rules.epsilon).squareRoot()
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

  /// What each head of the last position gathers from the positions that it sees, [Q D].
  private func attention(_ queries: [Double], keys: [[Double]], values: [[Double]]) throws
    -> [Double]
  {
    let length = sizes.width / sizes.heads
    let group = sizes.heads / sizes.keyValueHeads
    let scale = rules.scoreScale / Double(length).squareRoot()
    let first = keys.count - min(keys.count, rules.window)
    return try (0..<sizes.heads).flatMap { head in
      let (own, shared) = (head * length, head / group * length)
      let scores = keys[first...].map { key in
        scale * (0..<length).reduce(0) { $0 + queries[own + $1] * key[shared + $1] }
      }
      let highest = scores.max() ?? 0
      let exact = scores.map { exp($0 - highest) }
      let sum = exact.reduce(0, +)
      let weights = rules.roundsWeights ? try round.weights(exact, of: scores) : exact
      return (0..<length).map { element in
        zip(weights, values[first...]).reduce(0) { $0 + $1.0 / sum * $1.1[shared + element] }
      }
    }
  }

  /// Turns neighbouring pairs of each head by position / base^(2 i / D).
  private func turned(_ x: [Double], at position: Int) -> [Double] {
    let length = sizes.width / sizes.heads
    var result = x
    for first in stride(from: 0, to: x.count, by: 2) {
      let share = Double(first % length) / Double(length)
      let angle = Double(position) / pow(rules.rotaryBase, share)
      result[first] = x[first] * cos(angle) - x[first + 1] * sin(angle)
      result[first + 1] = x[first] * sin(angle) + x[first + 1] * cos(angle)
    }
    return result
  }

  private func mlp(_ x: [Double], _ block: String) -> [Double] {
    let gate = product(x, block + "ffn_gate")
    let up = product(x, block + "ffn_up")
    return product(zip(gate, up).map { $0 / (1 + exp(-$0)) * $1 }, block + "ffn_down")
  }
}

extension ReferenceLlama {
  /// Tokens, one chosen after the other, such that no number of the text is near a tie; nil where each of
  /// the vocabulary has one.
  ///
  /// What a position computes depends on the tokens up to its own alone.
  func tokensWithoutTies(_ count: Int, noise: Double) -> [Token]? {
    var reference = self
    reference.round.noise = noise
    var context = emptyContext
    var tokens: [Token] = []
    for place in 0..<count {
      let candidates = (0..<sizes.vocabulary).lazy.map {
        Token((place * 37 + $0 * 101 + 11) % sizes.vocabulary)
      }
      let found = candidates.first { token in
        var extended = context
        guard (try? reference.state(of: token, in: &extended)) != nil else { return false }
        context = extended
        return true
      }
      guard let found else { return nil }
      tokens.append(found)
    }
    return tokens
  }
}
