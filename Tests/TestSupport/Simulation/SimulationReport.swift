/// What a simulation counted, and what it found wrong.
package struct SimulationReport: Sendable {
  /// Steps planned.
  package var steps = 0
  /// Sequences taken in.
  package var sequences = 0
  /// Sequences refused.
  package var refusals = 0
  /// Sequences that ended with their whole text.
  package var finished = 0
  /// Clients that disconnected, once or again.
  package var disconnects = 0
  /// Sequences whose deadline passed.
  package var expired = 0
  /// Sequences that ended because their values were not finite.
  package var spoiled = 0
  /// Sequences whose values were not finite from a position of their prompt on.
  package var poisoned = 0
  /// Steps that failed altogether.
  package var failures = 0
  /// Clients that stopped reading, and drains.
  package var others = 0
  /// Times that a sequence lost its pages.
  package var preemptions = 0
  /// Sequences that found pages computed.
  package var prefixHits = 0
  /// Positions that were found computed.
  package var positionsFound = 0
  /// Sequences that found pages which they did not see.
  package var hiddenHits = 0
  /// Parts of steps whose sequences had given pages back.
  package var windows = 0
  /// Parts of steps whose sequences have other pages in one group of layers than in another.
  package var groups = 0
  /// Sequences that found pages in several groups of layers.
  package var groupHits = 0
  /// Copies of states, and sequences that went on from one of another.
  package var stateCopies = 0
  package var stateHits = 0
  /// Positions each of which was wanted.
  package var positionsWanted = 0
  /// Tokens that were drafted and computed, and those that were chosen.
  package var drafted = 0
  package var accepted = 0
  /// Tokens that were known at once with the one before.
  package var runTokens = 0
  /// Attachments that were encoded, and those that could not be.
  package var encodings = 0
  package var encodeFailures = 0
  /// What went wrong first, with the seed; nil when nothing did.
  package var violation: String?
  /// Seeds in which something went wrong.
  package var violations = 0

  /// Creates a report of nothing.
  package init() {}

  /// Faults that happened.
  package var faults: Int {
    disconnects + expired + spoiled + poisoned + failures + others + preemptions + encodeFailures
  }

  /// Adds what another simulation counted.
  package mutating func add(_ other: SimulationReport) {
    steps += other.steps
    sequences += other.sequences
    refusals += other.refusals
    finished += other.finished
    disconnects += other.disconnects
    expired += other.expired
    spoiled += other.spoiled
    poisoned += other.poisoned
    failures += other.failures
    others += other.others
    preemptions += other.preemptions
    prefixHits += other.prefixHits
    positionsFound += other.positionsFound
    hiddenHits += other.hiddenHits
    windows += other.windows
    groups += other.groups
    groupHits += other.groupHits
    stateCopies += other.stateCopies
    stateHits += other.stateHits
    positionsWanted += other.positionsWanted
    drafted += other.drafted
    accepted += other.accepted
    runTokens += other.runTokens
    encodings += other.encodings
    encodeFailures += other.encodeFailures
    violations += other.violations
    violation = violation ?? other.violation
  }
}
