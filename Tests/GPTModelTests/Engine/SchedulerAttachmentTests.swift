import GPTModel
import TestSupport
import Testing

@Suite("Scheduler, attachments")
struct SchedulerAttachmentTests {
  private func scheduler(
    store: Int = 16, encodedRows: Int = 8, running: Int = 4
  ) -> Scheduler {
    var limits = SchedulerLimits(
      rowsPerStep: 64, runningSequences: running, waitingSequences: 8, pages: 40,
      positionsPerPage: 4)
    limits.embeddingRows = store
    limits.encodedRowsPerStep = encodedRows
    return Scheduler(limits: limits)
  }

  private func place(_ range: Range<Int>, _ number: UInt8) throws -> AttachmentPlace {
    let digest = try #require(AttachmentDigest(Array(repeating: number, count: 32)))
    return AttachmentPlace(range: range, digest: digest)
  }

  /// Submits tokens that no other sequence of a test has, but for the first ones of equal texts.
  private func submit(
    _ id: UInt64, _ count: Int, text: Int = 0, _ places: [AttachmentPlace],
    to scheduler: inout Scheduler
  ) {
    scheduler.submit(
      SequenceID(id), tokens: (0..<count).map { Token(text * 1000 + $0) }, attachments: places)
  }

  /// Plans a step, in which all is encoded and found finite.
  private func step(_ scheduler: inout Scheduler) -> StepPlan {
    var plan = StepPlan()
    scheduler.plan(into: &plan)
    for entry in plan.entries { scheduler.confirm(entry.id) }
    for encoding in plan.encodings { scheduler.finish(encoding, isEncoded: true) }
    #expect(scheduler.checkInvariants() == [])
    return plan
  }

  private func spans(_ plan: StepPlan) -> [[Int]] {
    plan.entries.map { [Int($0.id.number), $0.first, $0.end] }
  }

  private func encoded(_ plan: StepPlan) -> [[Int]] {
    plan.encodings.map { [Int($0.id.number), $0.attachment, $0.rows.count] }
  }

  @Test("A prompt is computed up to its attachment, which the same step encodes, then from it on")
  func order() throws {
    var scheduler = scheduler()
    submit(0, 12, [try place(3..<6, 1), try place(6..<8, 2)], to: &scheduler)
    let first = step(&scheduler)
    #expect(spans(first) == [[0, 0, 3]])
    #expect(encoded(first) == [[0, 0, 3], [0, 1, 2]])
    #expect(scheduler.heldEmbeddingRows == 5)
    let second = step(&scheduler)
    #expect(spans(second) == [[0, 3, 12]])
    #expect(second.encodings.isEmpty)
    let attached = try #require(second.entries.first).attached
    #expect(attached.map(\.positions) == [3..<6, 6..<8])
    #expect(attached.map { Array($0.rows) } == first.encodings.map(\.rows))
    #expect(scheduler.heldEmbeddingRows == 0)
  }

  @Test("While its encoder works on, a sequence is not computed further, and others are")
  func waiting() throws {
    var scheduler = scheduler()
    submit(0, 12, [try place(3..<6, 1)], to: &scheduler)
    submit(1, 9, text: 1, [], to: &scheduler)
    var plan = StepPlan()
    scheduler.plan(into: &plan)
    let encoding = try #require(plan.encodings.first)
    #expect(spans(plan) == [[0, 0, 3], [1, 0, 9]])
    scheduler.append(7, to: SequenceID(1))
    scheduler.plan(into: &plan)
    #expect(spans(plan) == [[1, 9, 10]])
    #expect(plan.encodings.isEmpty)
    scheduler.finish(encoding, isEncoded: true)
    #expect(spans(step(&scheduler)) == [[0, 3, 12]])
  }

  @Test("An attachment that a prefix hit serves is not encoded; one that it serves in part is")
  func found() throws {
    var scheduler = scheduler()
    let places = [try place(1..<3, 1), try place(6..<11, 2)]
    submit(0, 12, places, to: &scheduler)
    for _ in 0..<3 { _ = step(&scheduler) }
    scheduler.remove(SequenceID(0))
    // Two pages are found: all of the first attachment, and two rows of the second, which is in the store.
    submit(1, 12, places, to: &scheduler)
    var plan = step(&scheduler)
    #expect(spans(plan) == [[1, 8, 12]])
    #expect(plan.entries.first?.attached.map(\.positions) == [8..<11])
    #expect(plan.encodings.isEmpty)
    // Another attachment of all rows takes its place in the store.
    submit(2, 20, text: 2, [try place(2..<18, 3)], to: &scheduler)
    for _ in 0..<2 { _ = step(&scheduler) }
    scheduler.remove(SequenceID(1))
    submit(3, 12, places, to: &scheduler)
    plan = step(&scheduler)
    #expect(encoded(plan) == [[3, 1, 5]])
    #expect(spans(plan) == [])
    #expect(spans(step(&scheduler)) == [[3, 8, 12]])
  }

  @Test("Two that bring the same encode it once; clients do not share")
  func once() throws {
    var scheduler = scheduler()
    submit(0, 12, text: 1, [try place(0..<4, 1)], to: &scheduler)
    submit(1, 12, text: 2, [try place(2..<6, 1)], to: &scheduler)
    var terms = RequestTerms()
    terms.client = "other"
    scheduler.submit(
      SequenceID(2), tokens: (0..<12).map { Token($0) }, terms: terms,
      attachments: [try place(0..<4, 1)])
    #expect(encoded(step(&scheduler)).map { $0[0] } == [0, 2])
    #expect(Set(step(&scheduler).entries.map(\.end)) == [12])
  }

  @Test("A step encodes no more rows than the budget, unless a single attachment has more")
  func budget() throws {
    var scheduler = scheduler(store: 40)
    submit(0, 12, [try place(0..<4, 1), try place(4..<8, 2), try place(8..<12, 3)], to: &scheduler)
    submit(1, 12, text: 1, [try place(0..<12, 4)], to: &scheduler)
    #expect(encoded(step(&scheduler)) == [[0, 0, 4], [0, 1, 4]])
    #expect(encoded(step(&scheduler)) == [[0, 2, 4]])
    #expect(encoded(step(&scheduler)) == [[1, 0, 12]])
  }

  @Test("Where the store is full the one behind waits, and gives way to the one before")
  func full() throws {
    var scheduler = scheduler(store: 6, encodedRows: 100)
    var terms = RequestTerms()
    terms.priority = 1
    scheduler.submit(
      SequenceID(0), tokens: (0..<90).map { Token($0) }, terms: terms,
      attachments: [try place(80..<86, 1)])
    #expect(encoded(step(&scheduler)) == [[0, 0, 6]])
    submit(1, 12, text: 1, [try place(0..<3, 2), try place(6..<10, 3)], to: &scheduler)
    let plan = step(&scheduler)
    // It is more urgent, needs rows now, and gets them; its second attachment finds no room.
    #expect(encoded(plan) == [[1, 0, 3]])
    let next = step(&scheduler)
    #expect(spans(next).contains([1, 0, 6]))
    #expect(encoded(next).isEmpty)
    #expect(encoded(step(&scheduler)) == [[1, 1, 4]])
  }

  @Test("What cannot be encoded is tried again for the next who brings it, and holds nothing")
  func failure() throws {
    var scheduler = scheduler()
    submit(0, 12, text: 1, [try place(0..<4, 1), try place(4..<6, 2)], to: &scheduler)
    submit(1, 12, text: 2, [try place(0..<4, 1), try place(4..<6, 2)], to: &scheduler)
    var plan = StepPlan()
    scheduler.plan(into: &plan)
    #expect(encoded(plan) == [[0, 0, 4], [0, 1, 2]])
    scheduler.finish(plan.encodings[0], isEncoded: false)
    scheduler.remove(SequenceID(0))
    scheduler.finish(plan.encodings[1], isEncoded: true)
    #expect(scheduler.heldEmbeddingRows == 0)
    #expect(encoded(step(&scheduler)) == [[1, 0, 4]])
    #expect(spans(step(&scheduler)) == [[1, 0, 12]])
  }
}
