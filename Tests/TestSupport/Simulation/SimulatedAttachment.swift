import GPTModel

/// An attachment that a simulated client sends.
struct SimulatedAttachment {
  /// Stands for its content.
  let number: Int
  let range: Range<Int>

  var place: AttachmentPlace? {
    var bytes = [UInt8](repeating: 0, count: AttachmentDigest.byteCount)
    (bytes[0], bytes[31]) = (UInt8(truncatingIfNeeded: number), 1)
    return AttachmentDigest(bytes).map { AttachmentPlace(range: range, digest: $0) }
  }
}

/// What a simulated client sends: tokens, and attachments in the place of some of them.
struct SimulatedPrompt {
  var tokens: [Token] = []
  private(set) var attachments: [SimulatedAttachment] = []

  /// The first tokens, and the attachments that are whole among them: of one that is cut only
  /// placeholders are left, which share nothing with it.
  func prefix(_ count: Int) -> SimulatedPrompt {
    var prompt = SimulatedPrompt()
    prompt.tokens = Array(tokens.prefix(count))
    prompt.attachments = attachments.filter { $0.range.upperBound <= count }
    return prompt
  }

  /// Puts an attachment at tokens that are there, in the place of placeholders that are all the same.
  mutating func attach(_ number: Int, at range: Range<Int>) {
    for position in range { tokens[position] = 0 }
    attachments.append(SimulatedAttachment(number: number, range: range))
  }

  /// Puts another content in the place of an attachment's.
  mutating func replace(_ index: Int, by number: Int) {
    attachments[index] = SimulatedAttachment(number: number, range: attachments[index].range)
  }
}

/// Stands for the memory of encoded attachments: a hash of what each row was encoded from, and for whom.
struct SimulatedStore {
  private var rows: [UInt64]

  init(count: Int) {
    rows = Array(repeating: 0, count: count)
  }

  /// What a row of an attachment holds that was encoded for those who share an origin.
  static func content(_ number: Int, row: Int, of origin: UInt64) -> UInt64 {
    SimulatedModel.hash(
      Token(row), after: SimulatedModel.hash(Token(number), after: origin ^ 1 << 42))
  }

  /// Encodes an attachment, or leaves its rows half written.
  mutating func encode(
    _ encoding: StepPlan.Encoding, of sequence: SimulatedSequence, fails: Bool
  ) {
    let number = sequence.attachments[encoding.attachment].number
    for (index, row) in encoding.rows.enumerated() {
      rows[Int(row)] = fails ? 1 : Self.content(number, row: index, of: sequence.origin)
    }
  }

  /// What an entry reads instead of tokens, by position.
  func inputs(of entry: StepPlan.Entry) -> [Int: UInt64] {
    var inputs: [Int: UInt64] = [:]
    for part in entry.attached {
      for (position, row) in zip(part.positions, part.rows) { inputs[position] = rows[Int(row)] }
    }
    return inputs
  }
}
