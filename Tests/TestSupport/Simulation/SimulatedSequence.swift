import GPTModel

/// What the simulation knows of a sequence, apart from what the scheduler says.
final class SimulatedSequence {
  /// How a sequence ended.
  enum Ending: String {
    case finished, cancelled, expired, notFinite, failed, notEncoded
  }

  let id: SequenceID
  let terms: RequestTerms
  let client: Int
  /// What the first position follows: unequal for namespaces that may not share.
  let origin: UInt64
  /// The hash of each known position when the sequence runs alone.
  private(set) var chain: [UInt64] = []
  private(set) var tokens: [Token] = []
  /// What the client sent.
  let prompt: SimulatedPrompt
  let promptCount: Int
  /// Tokens to write.
  let target: Int
  /// The first position of the prompt that is still wanted; the length of the prompt when none is.
  var wantedFrom: Int
  /// Tokens after which its values are not finite; nil for never.
  let spoiledAfter: Int?
  /// The position whose values are not finite when they are computed next; nil for none.
  var poison: Int?
  /// The position in its pages whose values are not finite; nil when all are.
  var poisoned: Int?

  var ending: Ending?
  /// Whether it had pages once.
  var wasStarted = false
  /// Whether it has pages, after and before the last plan.
  var isRunning = false
  var wasRunning = false
  /// Positions computed before the last plan.
  var computedBefore = 0
  /// Positions computed when the last plan was made, before its own: more when pages were found.
  var start = 0
  /// Positions at the start of which it is known that they are finite.
  var confirmed = 0
  /// Positions that it found when it was first started.
  var found = 0
  /// Tokens that it knew when it was given pages last.
  var knownAtStart = 0
  /// Tokens proposed to follow, for the next plan.
  var draft: [Token] = []
  /// Whether the last plan gave it pages anew.
  var isAdmitted = false
  /// Its pages in its last entry.
  var tables: [[Int32]] = []

  init(
    id: SequenceID, terms: RequestTerms, client: Int, prompt: SimulatedPrompt, target: Int,
    wantedFrom: Int, spoiledAfter: Int?
  ) {
    self.id = id
    self.terms = terms
    self.client = client
    self.target = target
    self.wantedFrom = wantedFrom
    self.spoiledAfter = spoiledAfter
    promptCount = prompt.tokens.count
    self.prompt = prompt
    var origin = SimulatedModel.hash(Token(client), after: 1 << 40)
    switch terms.namespace {
    case .none: origin = SimulatedModel.hash(Token(truncatingIfNeeded: id.number), after: 1 << 41)
    case .shared:
      for byte in terms.cacheSalt.utf8 { origin = SimulatedModel.hash(Token(byte), after: origin) }
    }
    self.origin = origin
    for token in prompt.tokens { append(token) }
  }

  /// Tokens among whose pages, leaving one token out, what others computed may be used.
  var findable: Int { wantedFrom < promptCount ? wantedFrom + 1 : tokens.count }
  /// What stands in the place of some of its tokens.
  var attachments: [SimulatedAttachment] { prompt.attachments }
  /// Tokens written.
  var written: Int { tokens.count - promptCount }
  /// Positions known and not computed before the last plan.
  var gapBefore: Int { tokens.count - computedBefore }

  /// Whether it lacked, before the last plan, one token or a few that it wrote.
  var wroteBefore: Bool { isWriting(after: computedBefore) }

  /// Whether it lacks one token or a few that it wrote, with so many positions computed.
  func isWriting(after computed: Int) -> Bool {
    let gap = tokens.count - computed
    return gap == 1 || gap > 1 && gap <= Scheduler.longestRun + 1 && computed >= knownAtStart
  }

  func append(_ token: Token) {
    chain.append(
      SimulatedModel.hash(token, row: row(at: tokens.count), after: chain.last ?? origin))
    tokens.append(token)
  }

  /// The row that a position reads; nil where that is its token.
  func row(at position: Int) -> UInt64? {
    for attachment in attachments where attachment.range.contains(position) {
      return SimulatedStore.content(
        attachment.number, row: position - attachment.range.lowerBound, of: origin)
    }
    return nil
  }

  /// The order in which sequences go when they compete for pages.
  func precedes(_ other: SimulatedSequence) -> Bool {
    (terms.priority, id) < (other.terms.priority, other.id)
  }

  /// Full pages at the start that two sequences have in common and may share, leaving one token of
  /// this one out.
  func commonPages(with other: SimulatedSequence, positionsPerPage length: Int) -> Int {
    guard terms.usesCache, other.terms.usesCache else { return 0 }
    var pages = 0
    while (pages + 1) * length < findable, (pages + 1) * length <= other.tokens.count,
      chain[(pages + 1) * length - 1] == other.chain[(pages + 1) * length - 1]
    {
      pages += 1
    }
    return pages
  }
}
