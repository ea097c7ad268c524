extension GenerationRequest {
  /// Tokens that the answer may have in a context, those included that are `answered`; 0 where only the
  /// prompt is to be computed.
  ///
  /// - Parameter context: Positions that a sequence may have, C.
  /// - Throws: An `EngineError` when the prompt is empty or leaves no room for what is asked for.
  func answerLimit(context: Int) throws(EngineError) -> Int {
    guard !prompt.isEmpty else { throw .emptyPrompt }
    let choosesTokens = stop.maximumTokens ?? 1 > 0
    // To choose no token at all is a wish of its own: the prompt may fill the context.
    guard prompt.count < context + (choosesTokens ? 0 : 1) else {
      throw .promptTooLong(tokens: prompt.count, context: context)
    }
    guard answered >= 0, answered < prompt.count,
      answered == 0 || answered < stop.maximumTokens ?? .max
    else { throw .nothingToContinue(answered: answered) }
    let room = context - prompt.count + answered
    return min(stop.maximumTokens ?? room, room)
  }
}
