import CTraining

/// Attention of the plain twins in double precision, over documents, with heads of 16.
struct DoubleAttention {
  let documents: [Int]
  let queryHeads: Int
  let keyValueHeads: Int

  /// What was gathered, and the gradients of what it was gathered from.
  struct Result {
    var out: [Double]
    var dq: [Double] = []
    var dk: [Double] = []
    var dv: [Double] = []
  }

  /// Runs forward, and backward where the gradient of the result is given.
  func run(_ q: [Double], _ k: [Double], _ v: [Double], _ dout: [Double]?) -> Result {
    let tokens = documents.reduce(0, +)
    let states = tokens * queryHeads
    var first: [UInt32] = []
    for count in documents {
      first += [UInt32](repeating: UInt32(first.count), count: count)
    }
    let memory = Memory(
      [q, k, v, dout ?? [], .init(repeating: 0, count: q.count)]
        + [q.count, k.count, v.count, states, states, apus_training_attention_scratch(tokens, 16)]
        .map { [Double](repeating: 0, count: $0) })
    let kernels = apus_training_kernels_in_double().pointee
    first.withUnsafeBufferPointer { first in
      guard let start = first.baseAddress else { return }
      var work = apus_leaf_attention_double(
        tokens: tokens, query_heads: queryHeads, key_value_heads: keyValueHeads, head_length: 16,
        first: start, q: memory[0], k: memory[1], v: memory[2], out: memory[4],
        greatest: memory[8], inverse_sum: memory[9], scratch: memory[10])
      kernels.attend(&work)
      guard dout != nil else { return }
      var gradients = apus_leaf_attention_gradients_double(
        out: memory[3], q: memory[5], k: memory[6], v: memory[7])
      kernels.attend_backward(&work, &gradients)
    }
    return Result(
      out: memory.values(4), dq: memory.values(5), dk: memory.values(6), dv: memory.values(7))
  }

  /// Arrays in memory that does not move.
  private final class Memory {
    private let parts: [UnsafeMutableBufferPointer<Double>]

    init(_ arrays: [[Double]]) {
      parts = arrays.map { array in
        let part = UnsafeMutableBufferPointer<Double>.allocate(capacity: max(array.count, 1))
        _ = part.initialize(from: array)
        return part
      }
    }

    deinit { for part in parts { part.deallocate() } }

    subscript(index: Int) -> UnsafeMutablePointer<Double> {
      guard let base = parts[index].baseAddress else { preconditionFailure("no memory") }
      return base
    }

    func values(_ index: Int) -> [Double] { Array(parts[index]) }
  }
}
