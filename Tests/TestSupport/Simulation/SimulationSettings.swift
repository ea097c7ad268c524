import GPTModel

extension SeededGenerator {
  /// Whether something happens that does in so many of a thousand cases.
  mutating func happens(_ perMille: Int) -> Bool { below(1000) < perMille }

  /// One of several.
  mutating func one<Value>(of first: Value, _ others: Value...) -> Value {
    let place = below(others.count + 1)
    return place == 0 ? first : others[place - 1]
  }
}

extension SchedulerLimits {
  /// Positions that a text may have: with a window more than the pool has.
  var longestText: Int { min(longestSequence, 4 * pages * positionsPerPage) }

  /// Gives all layers a window.
  fileprivate mutating func narrow(using generator: inout SeededGenerator) {
    let (length, all) = (positionsPerPage, pages * positionsPerPage)
    windows = [max(2, 1 + generator.below(generator.one(of: length + 1, 3 * length, all)))]
  }

  /// Puts layers in several groups, none of which sees more than the first.
  fileprivate mutating func split(using generator: inout SeededGenerator) {
    let (length, all) = (positionsPerPage, pages * positionsPerPage)
    for _ in 0..<generator.one(of: 1, 1, 2, 4) {
      let wanted = 1 + generator.below(generator.one(of: length + 1, 3 * length, all))
      windows.append(min(wanted, windows[windows.count - 1] ?? .max))
    }
    pages = max(windows.count, pages * generator.one(of: 1, windows.count))
  }
}

/// What a seed decides before the simulation begins: bounds, load, and how often which fault happens.
struct SimulationSettings {
  var limits: SchedulerLimits
  /// Sequences that clients send.
  var arrivals: Int
  var clients: Int
  var priorities: Int
  var salts: Int
  var vocabulary: Int
  /// The longest prompt that most clients send.
  var longestPrompt: Int
  var longestText: Int
  /// Of a thousand steps, those with an arrival.
  var arrivalRate: Int
  /// Of a thousand sequences, those that share the start of another.
  var sharing: Int
  /// Of a thousand sequences, those that use no cache.
  var withoutCache: Int
  /// Of a thousand sequences, those that want each position of their prompt, or of its end.
  var wanting: Int
  var deadlines: Int
  /// Of a thousand steps, those in which a client disconnects.
  var disconnects: Int
  /// Of a thousand sequences, those whose values are not finite at some point.
  var spoiled: Int
  /// Of a thousand sequences, those whose values are not finite from a position of their prompt on.
  var poisoned: Int
  /// Of a thousand steps, those that fail altogether.
  var failures: Int
  /// Of a thousand prompts, those with an attachment; of those with one, those with another.
  var attaching: Int
  /// Rows of the longest attachment.
  var longestAttachment: Int
  /// Of a thousand attachments, those that cannot be encoded.
  var encodeFailures: Int
  /// Of a thousand parts of steps, those for which tokens are drafted.
  var drafting = 0
  /// Of a thousand drafted tokens, those that are not chosen.
  var wrongDrafts = 0
  /// Of a thousand tokens, those after which further ones are known at once.
  var runs = 0
  /// The step from which on no sequence is taken any more.
  var drain: Int

  /// Makes sequences that begin short and write much, so that they run out of pages all the time.
  private mutating func crowd(using generator: inout SeededGenerator) {
    limits.runningSequences = 4 + generator.below(12)
    limits.rowsPerStep = 8 + generator.below(100)
    limits.waitingSequences = 8 + generator.below(40)
    longestText = limits.longestText
    longestPrompt = 1 + longestText / 8
    arrivalRate = 800
  }

  /// Makes attachments compete for a store that holds the longest of them and little else.
  private mutating func contend(using generator: inout SeededGenerator) {
    limits.runningSequences = 2 + generator.below(8)
    limits.rowsPerStep = 1 + generator.below(12)
    longestAttachment = 1 + generator.below(3)
    limits.embeddingRows = longestAttachment
    (attaching, priorities) = (700, 3)
  }

  /// Makes sequences find what others computed wherever they may.
  private mutating func share() {
    (sharing, withoutCache, salts, clients) = (900, 0, 1, 1)
    longestPrompt = max(longestPrompt, longestText / 2)
  }

  /// Has tokens drafted, and known several at a time.
  private mutating func speculate(using generator: inout SeededGenerator) {
    runs = generator.one(of: 0, 0, 100, 500)
    guard limits.stateSlots == nil else { return }
    limits.draftRowsPerStep = generator.one(of: 0, 1, 4, 15, 40)
    drafting = generator.one(of: 300, 1000)
    wrongDrafts = generator.one(of: 0, 100, 400, 1000)
  }

  /// Gives layers states, with slots for few sequences, for all, or for snapshots too.
  private mutating func keepStates(using generator: inout SeededGenerator) {
    let running = limits.runningSequences
    limits.stateSlots = 1 + generator.below(generator.one(of: 2, running, 4 * running, 8 * running))
    if generator.happens(700) { (sharing, withoutCache) = (950, 0) }
  }

  init(using generator: inout SeededGenerator) {
    let length = generator.one(of: 1, 2, 3, 4, 4, 8, 16)
    let pages = 1 + generator.below(generator.one(of: 6, 16, 16, 48, 120))
    limits = SchedulerLimits(
      rowsPerStep: 1 + generator.below(generator.one(of: 4, 16, 64, 64, 256)),
      runningSequences: 1 + generator.below(generator.one(of: 2, 6, 12)),
      waitingSequences: 1 + generator.below(generator.one(of: 4, 40, 40)),
      pages: pages, positionsPerPage: length)
    if generator.happens(400) { limits.narrow(using: &generator) }
    if generator.happens(400) { limits.split(using: &generator) }
    let capacity = limits.longestText
    if generator.happens(200) { limits.waitingTokens = capacity + generator.below(2 * capacity) }
    if generator.happens(200) { limits.sequencesPerClient = 1 + generator.below(5) }
    limits.stepTarget = generator.one(of: 0.001, 0.02, 0.05, 10)
    arrivals = 2 + generator.below(generator.one(of: 8, 30, 60))
    clients = 1 + generator.below(4)
    priorities = 1 + generator.below(3)
    salts = 1 + generator.below(2)
    vocabulary = generator.one(of: 2, 8, 1000)
    longestPrompt = max(1, min(capacity, generator.one(of: 3, 20, 60, capacity)))
    longestText = max(1, min(capacity, generator.one(of: 2, 10, 40)))
    arrivalRate = generator.one(of: 50, 200, 600, 1000)
    sharing = generator.one(of: 0, 300, 700, 950)
    withoutCache = generator.one(of: 0, 0, 100, 1000)
    wanting = generator.one(of: 0, 100, 500)
    deadlines = generator.one(of: 0, 0, 300)
    disconnects = generator.one(of: 0, 0, 20, 150)
    spoiled = generator.one(of: 0, 0, 100)
    failures = generator.one(of: 0, 0, 0, 15)
    poisoned = generator.one(of: 0, 0, limits.window == nil ? 200 : 600)
    drain = generator.happens(200) ? generator.below(60) : Int.max
    attaching = generator.one(of: 0, 300, 700, 900)
    longestAttachment = 1 + generator.below(generator.one(of: 2, 6, 20))
    encodeFailures = generator.one(of: 0, 0, 30, 200)
    if attaching > 0 {
      limits.embeddingRows = longestAttachment + generator.below(generator.one(of: 1, 1, 4, 40))
      limits.encodedRowsPerStep = 1 + generator.below(generator.one(of: 2, 16, 64))
    }
    if generator.happens(350) { crowd(using: &generator) }
    if generator.happens(200) { contend(using: &generator) }
    if limits.windows.count > 1, generator.happens(500) { share() }
    if limits.windows == [nil], generator.happens(400) { keepStates(using: &generator) }
    speculate(using: &generator)
  }
}
