import GPTModel

extension Simulation {
  /// Puts attachments on tokens from a position on.
  func attach(to prompt: inout SimulatedPrompt, from start: Int) {
    var position = start
    while generator.happens(settings.attaching) {
      position += generator.below(6)
      let number = generator.below(2 * settings.longestAttachment)
      let rows = 1 + number % settings.longestAttachment
      // Often the last of the prompt, so that its last position alone may be left to compute.
      if generator.happens(300) { position = max(position, prompt.tokens.count - rows) }
      let range = position..<(position + rows)
      guard range.upperBound <= prompt.tokens.count else { return }
      prompt.attach(number, at: range)
      position = range.upperBound
    }
  }

  /// Sometimes puts another attachment of the same length in the place of one, placeholders and all.
  func swapAttachment(of prompt: inout SimulatedPrompt) {
    guard !prompt.attachments.isEmpty, generator.happens(200) else { return }
    let index = generator.below(prompt.attachments.count)
    let number = prompt.attachments[index].number + settings.longestAttachment
    prompt.replace(index, by: number % (2 * settings.longestAttachment))
  }

  /// Encodes what the plan says, after its positions were computed.
  func encode() {
    for encoding in plan.encodings {
      guard let sequence = byNumber[encoding.id.number] else { return }
      let fails = generator.happens(settings.encodeFailures)
      store.encode(encoding, of: sequence, fails: fails || sequence.ending != nil)
      scheduler.finish(encoding, isEncoded: !fails && sequence.ending == nil)
      report.encodings += 1
      if fails, sequence.ending == nil {
        report.encodeFailures += 1
        end(sequence, .notEncoded)
      }
    }
  }

  /// Checks what a plan encodes: rows that are there, that nobody reads, for positions still to come.
  func checkEncodings(of plan: StepPlan) {
    var taken: Set<Int32> = []
    for part in plan.entries.flatMap(\.attached) { taken.formUnion(part.rows) }
    var encoded: Set<[UInt64]> = []
    for encoding in plan.encodings {
      let number = encoding.id.number
      guard let sequence = byNumber[number], sequence.ending == nil,
        sequence.attachments.indices.contains(encoding.attachment)
      else { return violate("\(number) encodes for nobody, or what it has not") }
      let attachment = sequence.attachments[encoding.attachment]
      if sequence.isRunning, attachment.range.upperBound <= sequence.start {
        violate("\(number) encodes attachment \(encoding.attachment), which is computed")
      }
      if encoding.rows.count != attachment.range.count {
        violate("\(number) has \(encoding.rows.count) rows for \(attachment.range)")
      }
      if !encoded.insert([sequence.origin, UInt64(attachment.number)]).inserted {
        violate("\(number) encodes what the same step encodes already")
      }
      for row in encoding.rows {
        if row < 0 || Int(row) >= settings.limits.embeddingRows {
          return violate("\(number) encodes into row \(row), which is not there")
        }
        if !taken.insert(row).inserted { violate("\(number) encodes into \(row), which is read") }
      }
    }
    let rows = plan.encodings.reduce(0) { $0 + $1.rows.count }
    if rows > settings.limits.encodedRowsPerStep, plan.encodings.count > 1 {
      violate("\(rows) rows are encoded, \(settings.limits.encodedRowsPerStep) may be")
    }
  }

  /// Checks that each position of an attachment is computed from its own row, which is there.
  func checkInputs(_ inputs: [Int: UInt64], of entry: StepPlan.Entry, _ sequence: SimulatedSequence)
  {
    for position in entry.first..<entry.end where inputs[position] != sequence.row(at: position) {
      violate("\(entry.id.number) computes position \(position) without its row")
    }
  }

  /// Whether a prompt that was started before another reads all rows of the budget, which it could not while
  /// it waited for its attachments, so that the other waits for its turn.
  private func isCrowdedOut(_ sequence: SimulatedSequence, of plan: StepPlan) -> Bool {
    var (writing, isPassed) = (0, false)
    for entry in plan.entries {
      guard let other = byNumber[entry.id.number], other.wasRunning, !other.isAdmitted else {
        continue
      }
      if other.wroteBefore { writing += entry.count }
      let goesBefore = other.terms.priority <= sequence.terms.priority
      if !other.wroteBefore, goesBefore, !other.attachments.isEmpty { isPassed = true }
    }
    return isPassed && plan.rows - writing >= scheduler.budget.promptRows(beside: writing)
  }

  /// Checks that the first in line progresses, or that what it waits for is being encoded.
  func checkFirst(_ id: SequenceID, in plan: StepPlan) {
    guard !plan.contains(id), let sequence = byNumber[id.number] else { return }
    let next = sequence.attachments.first { $0.range.contains(sequence.start) }
    let isEncoded = plan.encodings.contains { encoding in
      guard let other = byNumber[encoding.id.number] else { return false }
      return other.origin == sequence.origin
        && other.attachments[encoding.attachment].number == next?.number
    }
    // Rows that the step reads stay where they are, if that was clear before it took prompts.
    let awaitsRows =
      next != nil
      && plan.entries.contains { entry in
        let other = byNumber[entry.id.number]
        return !entry.attached.isEmpty && other?.wasRunning == true && other?.wroteBefore == true
      }
    if !isEncoded, !awaitsRows, !isCrowdedOut(sequence, of: plan) {
      violate("\(id.number) is the first in line and does not progress")
    }
  }
}

extension SimulatedSequence {
  /// Whether the position computed next is one of an attachment, which may have to be encoded first.
  var mayAwaitEncoding: Bool { attachments.contains { $0.range.contains(start) } }
}
