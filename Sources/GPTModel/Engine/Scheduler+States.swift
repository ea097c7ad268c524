import Tokenizers

extension Scheduler {
  /// Slots of states that nobody holds; 0 where no layer has one.
  package var freeStates: Int { states.availableCount }

  /// The tokens of a waiting sequence among whose pages what others computed may be used: none where layers
  /// have states, which are not kept.
  func findable(_ entry: RequestQueue.WaitingSequence) -> [Token] {
    limits.stateSlots == nil ? entry.findable : []
  }
}
