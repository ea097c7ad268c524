import Tensor

/// The engine's thread: takes what arrived, computes a step, reports what came of it.
///
/// `@unchecked Sendable`: built by `Engine.init`, then handed to the one thread that uses it.
final class EngineLoop: @unchecked Sendable {
  private let decoder: any Decoder
  private let mailbox: Mailbox
  private let totalPages: Int
  private var scheduler: Scheduler
  private var sampler: Sampler
  private var generations: [SequenceID: Generation] = [:]
  private var plan = StepPlan()
  private var batch = Batch()
  private var ended = 0
  private var steps = 0

  init(
    decoder: any Decoder, capacity: DecoderCapacity, vocabularySize: Int, mailbox: Mailbox
  ) {
    self.decoder = decoder
    self.mailbox = mailbox
    totalPages = capacity.limits.pages
    scheduler = Scheduler(limits: capacity.limits)
    sampler = Sampler(vocabularySize: vocabularySize)
    publish()
  }

  /// Steps until the engine is stopped; waits where there is nothing to do.
  func run() {
    while let commands = mailbox.take(idle: generations.isEmpty) {
      for command in commands { perform(command) }
      publish()
      guard !generations.isEmpty else { continue }
      step()
      publish()
    }
    for generation in generations.values { generation.fail(.shuttingDown) }
    for case .submit(let generation) in mailbox.abandon() { generation.fail(.shuttingDown) }
  }

  /// Schedules, runs and records one step.
  private func step() {
    scheduler.plan(into: &plan)
    batch.assemble(plan) { generations[$0]?.tokens ?? [] }
    let logits = decoder.run(batch)
    record(logits)
    steps += 1
  }

  /// Gives each sequence that is complete its next token.
  private func record(_ logits: Matrix) {
    var row = 0
    for entry in plan.entries where entry.completes {
      if let generation = generations[entry.id] {
        let scores = UnsafeBufferPointer(start: logits.row(row), count: logits.columns)
        if generation.advance(logits: scores, sampler: &sampler) {
          scheduler.append(entry.id)
        } else {
          end(entry.id)
        }
      }
      row += 1
    }
  }

  private func perform(_ command: Command) {
    switch command {
    case .submit(let generation):
      guard scheduler.submit(generation.id, known: generation.tokens.count) else {
        generation.fail(.queueFull(limit: scheduler.limits.waitingSequences))
        ended += 1
        return
      }
      generations[generation.id] = generation
    case .cancel(let id):
      if generations[id] != nil { end(id) }
    }
  }

  private func end(_ id: SequenceID) {
    generations[id] = nil
    scheduler.remove(id)
    ended += 1
    assert(scheduler.checkInvariants().isEmpty)
  }

  private func publish() {
    var status = EngineStatus()
    status.running = scheduler.runningCount
    status.waiting = scheduler.waitingCount
    status.freePages = scheduler.freePages
    status.totalPages = totalPages
    status.steps = steps
    mailbox.publish(status, ended: ended)
    ended = 0
  }
}
