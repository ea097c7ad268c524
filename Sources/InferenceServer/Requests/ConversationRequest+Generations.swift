import ChatTemplates
import GPTModel
import Tokenizers

extension ConversationRequest {
  /// One request to the engine for each answer, on the account of a client.
  ///
  /// - Parameters:
  ///   - constraint: The form of the answers, ready to be enforced.
  ///   - predicted: What the answers are expected to be like.
  func requests(
    prompt: [Token], constraint: (any TokenConstraint)?, predicted: [Token], contextLength: Int,
    client: String
  ) throws(APIError) -> [GenerationRequest] {
    guard !prompt.isEmpty else { throw APIError(EngineError.emptyPrompt) }
    guard prompt.count < contextLength else {
      throw APIError(EngineError.promptTooLong(tokens: prompt.count, context: contextLength))
    }
    var stop = stop
    let room = contextLength - prompt.count
    stop.maximumTokens = stop.maximumTokens.map { min($0, room) }
    stop.minimumTokens = min(stop.minimumTokens, room)
    let requests = (0..<choices).map { choice in
      var request = GenerationRequest(
        prompt: prompt, sampling: sampling, stop: stop, choice: choice, alternatives: alternatives)
      request.showsControlTokens = showsControlTokens
      request.constraint = constraint
      request.predicted = predicted
      // All answers have the same prompt.
      request.promptAlternatives = choice == 0 ? promptAlternatives : nil
      request.reportsProgress = choice == 0 && extras.reportsProgress
      request.terms = terms
      request.terms.client = client
      return request
    }
    if promptAlternatives != nil {
      try RequestLimits.checkReports(of: requests, field: "prompt_logprobs")
    }
    return requests
  }
}

extension ConversationRequest {
  /// How to lay the conversation out.
  ///
  /// - Parameter now: The time that templates are told.
  func layout(at now: TemplateDate) -> ChatTemplate.Options {
    var options = ChatTemplate.Options()
    options.addGenerationPrompt = addsGenerationPrompt
    options.continuesFinalMessage = continuesFinalMessage
    options.extra = templateVariables
    // Readers let no other role through.
    options.vouchedRoles = ChatMessage.usualRoles
    options.now = now
    return options
  }
}
