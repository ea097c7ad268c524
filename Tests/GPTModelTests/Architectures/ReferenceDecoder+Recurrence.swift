import Foundation
import GPTModel

/// What a recurrence keeps of the positions so far.
struct ReferenceState {
  /// All inputs of the convolution, [C, channels].
  fileprivate var inputs: [[Double]] = []
  /// The numbers of the state; none before the first position.
  fileprivate var numbers: [Double] = []
}

extension ReferenceDecoder {
  /// What a recurrence gives for the next position.
  func mixed(
    _ x: [Double], _ recurrence: RecurrenceSpec, _ block: String,
    in state: inout ReferenceState
  ) -> [Double] {
    switch recurrence {
    case .shortConvolution(let own):
      let projected = product(x, block + "shortconv.in_proj")
      func part(_ place: Int) -> ArraySlice<Double> {
        projected[place * own.width..<(place + 1) * own.width]
      }
      state.inputs.append(zip(part(0), part(2)).map(*))
      let sums = convolved(own.convolution, block + "shortconv.conv", state)
      return product(zip(part(1), sums).map(*), block + "shortconv.out_proj")
    case .mamba(let own): return mamba(x, own, block, in: &state)
    case .mamba2(let own): return mamba2(x, own, block, in: &state)
    case .gatedDelta(let own): return delta(x, own, block, in: &state)
    }
  }

  /// The sums of the last K inputs of each channel, weighed.
  private func convolved(
    _ spec: ConvolutionSpec, _ name: String, _ state: ReferenceState
  ) -> [Double] {
    let (weights, biases) = (weight(name), tensors[name + ".bias"])
    return (state.inputs.last ?? []).indices.map { channel in
      var sum = biases?[channel] ?? 0
      for back in 0..<min(spec.length, state.inputs.count) {
        let input = state.inputs[state.inputs.count - 1 - back][channel]
        sum += weights[channel * spec.length + spec.length - 1 - back] * input
      }
      return sum
    }
  }

  private func silu(_ x: Double) -> Double { x / (1 + exp(-x)) }

  private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-x.magnitude)) }

  /// A vector over the root of the mean of its squares.
  private func normalized(_ x: ArraySlice<Double>, _ epsilon: Double) -> [Double] {
    let square = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
    return x.map { $0 / (square + epsilon).squareRoot() }
  }

  private func mamba(
    _ input: [Double], _ spec: MambaSpec, _ block: String, in state: inout ReferenceState
  ) -> [Double] {
    let projected = product(input, block + "ssm_in")
    state.inputs.append(Array(projected[..<spec.inner]))
    let x = convolved(spec.convolution, block + "ssm_conv1d", state).map(silu)
    let selected = product(x, block + "ssm_x")
    func part(_ first: Int, _ count: Int) -> [Double] {
      let own = selected[first..<first + count]
      return spec.normEpsilon.map { normalized(own, Double($0)) } ?? Array(own)
    }
    let steps = product(part(0, spec.rank), block + "ssm_dt").map(softplus)
    let (b, c) = (part(spec.rank, spec.states), part(spec.rank + spec.states, spec.states))
    let (decay, skip) = (tensors[block + "ssm_a"] ?? [], tensors[block + "ssm_d"] ?? [])
    if state.numbers.isEmpty {
      state.numbers = Array(repeating: 0, count: spec.inner * spec.states)
    }
    let results = (0..<spec.inner).map { channel in
      var y = skip[channel] * x[channel]
      for n in 0..<spec.states {
        let place = channel * spec.states + n
        state.numbers[place] *= exp(steps[channel] * decay[place])
        state.numbers[place] += steps[channel] * b[n] * x[channel]
        y += state.numbers[place] * c[n]
      }
      return y * silu(projected[spec.inner + channel])
    }
    return product(results, block + "ssm_out")
  }

  private func mamba2(
    _ input: [Double], _ spec: Mamba2Spec, _ block: String, in state: inout ReferenceState
  ) -> [Double] {
    let (inner, shared) = (spec.inner, spec.groups * spec.states)
    var projected = product(input, block + "ssm_in")
    if let factors = spec.factors {
      let ends = [0, inner, 2 * inner, 2 * inner + shared, 2 * inner + 2 * shared, projected.count]
      for part in 0..<5 {
        for place in ends[part]..<ends[part + 1] { projected[place] *= Double(factors[part]) }
      }
    }
    state.inputs.append(Array(projected[inner..<inner + spec.channels]))
    let mixed = convolved(spec.convolution, block + "ssm_conv1d", state).map(silu)
    let (decay, skip) = (tensors[block + "ssm_a"] ?? [], tensors[block + "ssm_d"] ?? [])
    let biases = tensors[block + "ssm_dt.bias"] ?? []
    if state.numbers.isEmpty { state.numbers = Array(repeating: 0, count: inner * spec.states) }
    var results: [Double] = []
    for element in 0..<inner {
      let head = element / spec.headLength
      let raw = projected[inner + spec.channels + head] + biases[head]
      let step = min(
        max(softplus(raw), Double(spec.stepRange.lowerBound)), Double(spec.stepRange.upperBound))
      let first = inner + head / (spec.heads / spec.groups) * spec.states
      var y = skip[head] * mixed[element]
      for n in 0..<spec.states {
        let place = element * spec.states + n
        state.numbers[place] *= exp(step * decay[head])
        state.numbers[place] += step * mixed[element] * mixed[first + n]
        y += state.numbers[place] * mixed[first + shared + n]
      }
      results.append(y)
    }
    return product(
      gated(results, Array(projected[..<inner]), spec, block), block + "ssm_out")
  }

  /// Results times silu of the gates, normalised before or after in groups.
  private func gated(
    _ results: [Double], _ gates: [Double], _ spec: Mamba2Spec, _ block: String
  ) -> [Double] {
    let length = spec.inner / spec.groups
    func normed(_ x: [Double]) -> [Double] {
      let values = stride(from: 0, to: x.count, by: length).flatMap {
        normalized(x[$0..<$0 + length], Double(spec.normEpsilon))
      }
      return zip(values, weight(block + "ssm_norm")).map(*)
    }
    switch spec.gatedNorm {
    case .none: return zip(results, gates).map { $0 * silu($1) }
    case .afterGate: return normed(zip(results, gates).map { $0 * silu($1) })
    case .beforeGate: return zip(normed(results), gates).map { $0 * silu($1) }
    }
  }

  private func delta(
    _ input: [Double], _ spec: GatedDeltaSpec, _ block: String, in state: inout ReferenceState
  ) -> [Double] {
    state.inputs.append(
      ["attn_q", "attn_k", "attn_v"].flatMap { product(input, block + $0) })
    let mixed = convolved(spec.convolution, block + "ssm_conv1d", state).map(silu)
    let gates = product(input, block + "attn_gate")
    let (rates, steps) = (
      product(input, block + "ssm_beta"), product(input, block + "ssm_alpha")
    )
    let (decay, biases) = (tensors[block + "ssm_a"] ?? [], tensors[block + "ssm_dt.bias"] ?? [])
    let (length, wide) = (spec.keyLength, spec.valueLength)
    func unit(_ first: Int) -> [Double] {
      let own = mixed[first..<first + length]
      let square = own.reduce(1e-6) { $0 + $1 * $1 }
      return own.map { $0 / square.squareRoot() }
    }
    if state.numbers.isEmpty {
      state.numbers = Array(repeating: 0, count: spec.valueHeads * length * wide)
    }
    var results: [Double] = []
    for head in 0..<spec.valueHeads {
      let shared =
        spec.tilesKeyHeads
        ? head % spec.keyHeads : head / (spec.valueHeads / spec.keyHeads)
      let query = unit(shared * length).map { $0 / Double(length).squareRoot() }
      let key = unit(spec.keyWidth + shared * length)
      let kept = exp(decay[head] * softplus(steps[head] + biases[head]))
      let learned = 1 / (1 + exp(-rates[head]))
      var out: [Double] = []
      for j in 0..<wide {
        let places = (0..<length).map { (head * length + $0) * wide + j }
        for place in places { state.numbers[place] *= kept }
        let met = zip(places, key).reduce(0) { $0 + state.numbers[$1.0] * $1.1 }
        let change = (mixed[2 * spec.keyWidth + head * wide + j] - met) * learned
        for (place, k) in zip(places, key) { state.numbers[place] += k * change }
        out.append(zip(places, query).reduce(0) { $0 + state.numbers[$1.0] * $1.1 })
      }
      let normed = zip(
        normalized(out[...], Double(spec.normEpsilon)), weight(block + "ssm_norm")
      ).map(*)
      results += zip(normed, gates[head * wide..<(head + 1) * wide]).map { $0 * silu($1) }
    }
    return product(results, block + "ssm_out")
  }
}
