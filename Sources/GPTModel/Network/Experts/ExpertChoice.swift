import Tensor

/// Chooses the experts of each row of a step by the router's logits, and rounds the latent that they read.
final class ExpertChoice: RowOperation {
  private let rule: RoutingRule
  private let rows: ExpertRows
  private let biases: Vector?
  private let scales: Vector?
  private let latents: RoundedMatrix?
  private let processor: Processor

  init(
    _ spec: ExpertsSpec, weights: Experts.Weights, rows: ExpertRows, latents: RoundedMatrix?,
    _ processor: Processor
  ) {
    self.latents = latents
    rule = spec.routing
    biases = weights.selectionBias
    scales = weights.scales
    self.rows = rows
    self.processor = processor
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let memory = rows.buffers
    rule.choose(
      RoutingRule.Row(
        scores: memory.scores.row(row), choice: memory.choice.row(row), biases: biases?.base,
        scales: scales?.base, count: rows.count, experts: memory.experts + row * rows.used,
        weights: memory.weights.row(row)), using: processor)
    latents?.quantize(row: row, using: processor)
  }
}

/// Puts a row of a step into its slots, where experts have several rows or read it times its weight.
final class ExpertGathering: RowOperation {
  private let rows: ExpertRows
  private let input: RoundedMatrix
  private let slots: RoundedMatrix
  private let readsFloats: Bool
  private let readsRounded: Bool
  private let processor: Processor

  init(
    rows: ExpertRows, from input: RoundedMatrix, to slots: RoundedMatrix, _ products: GroupedLinear,
    _ processor: Processor
  ) {
    self.rows = rows
    self.input = input
    self.slots = slots
    readsFloats = products.readsFloatInput
    readsRounded = products.readsQuantizedInput
    self.processor = processor
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let memory = rows.buffers
    for choice in 0..<rows.used {
      let index = row * rows.used + choice
      guard rows.isGathered(Int(memory.experts[index])) else { continue }
      let slot = Int(memory.slots[index])
      if rows.gathersAll {
        let values = slots.floats.row(slot)
        values.update(from: input.floats.row(row), count: input.floats.columns)
        processor.scale(
          values, count: input.floats.columns, by: memory.weights.row(row)[choice])
        slots.quantize(row: slot, using: processor)
        continue
      }
      if readsFloats {
        slots.floats.row(slot).update(
          from: input.floats.row(row), count: input.floats.columns)
      }
      if readsRounded, let from = input.quantized {
        slots.quantized?.copyRow(slot, from: from, row: row)
      }
    }
  }
}

/// Turns the gates of a row's slots into activated values, and those of the shared expert.
final class ExpertActivation: RowOperation {
  private let rows: ExpertRows
  private let gates: GateBuffers
  private let shared: GateBuffers?
  private let processor: Processor

  init(rows: ExpertRows, gates: GateBuffers, shared: GateBuffers?, processor: Processor) {
    self.rows = rows
    self.gates = gates
    self.shared = shared
    self.processor = processor
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    for index in row * rows.used..<(row + 1) * rows.used {
      gates.activate(row: Int(rows.buffers.slots[index]), using: processor)
    }
    shared?.activate(row: row, using: processor)
  }
}

/// Adds up what a row's experts gave, each times its weight, in the order of the choice, and last what the
/// shared expert gave; where experts give latents, those alone, which a product then reads.
final class ExpertSum: RowOperation {
  private let rows: ExpertRows
  private let hasShared: Bool
  private let hasSharedGate: Bool
  private let destination: Destination
  private let latents: RoundedMatrix?
  private let processor: Processor

  init(
    _ spec: ExpertsSpec, rows: ExpertRows, destination: Destination, latents: RoundedMatrix?,
    _ processor: Processor
  ) {
    self.rows = rows
    hasShared = spec.shared != nil
    hasSharedGate = spec.shared?.hasGate == true
    self.destination =
      latents.map { Destination(matrix: $0.floats, isResidual: false) }
      ?? destination
    self.latents = latents
    self.processor = processor
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let memory = rows.buffers
    let count = destination.matrix.columns
    let slots = memory.slots + row * rows.used
    let sum = memory.outputs.row(Int(slots[0]))
    for choice in 0..<rows.used {
      let values = memory.outputs.row(Int(slots[choice]))
      if !rows.gathersAll {
        processor.scale(values, count: count, by: memory.weights.row(row)[choice])
      }
      if choice > 0 { processor.add(values, to: sum, count: count) }
    }
    if hasSharedGate { gateSharedOutput(row: row) }
    if hasShared, latents == nil {
      processor.add(memory.sharedOutput.row(row), to: sum, count: count)
    }
    let target = destination.matrix.row(row)
    if destination.isResidual {
      processor.add(sum, to: target, count: count)
    } else {
      target.update(from: sum, count: count)
    }
    latents?.quantize(row: row, using: processor)
  }

  private func gateSharedOutput(row: Int) {
    let gate = rows.buffers.sharedGate.row(row)
    processor.sigmoid(gate, count: 1)
    let values = rows.buffers.sharedOutput
    processor.scale(values.row(row), count: values.columns, by: gate[0])
  }
}
