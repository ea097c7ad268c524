import GPTModel
import Tokenizers

extension RouteContext {
  /// Whether the answer begins with thinking.
  func thinking(
    in conversation: ConversationRequest, after prompt: [PromptSegment]
  ) -> AnswerForm.Thinking {
    let style = service.style
    guard conversation.continuesFinalMessage else { return style.thinking(after: prompt) }
    return style.thinks ? .possible : .absent
  }

  /// Reads the answers; nil where they are nothing but text.
  func reader(
    for conversation: ConversationRequest, _ thinking: AnswerForm.Thinking
  ) -> AnswerReader? {
    guard conversation.tools != nil || thinking != .absent else { return nil }
    // Who wants control tokens in the text wants it as it is.
    guard !conversation.showsControlTokens else { return nil }
    let tools = conversation.tools.map { $0.choice == .none ? [] : $0.use.tools }
    return AnswerReader(
      service.style, tools: tools ?? [], thinking: thinking,
      controlToken: { [service] token in service.controlText(of: token) })
  }

  /// The form of a conversation's answers, ready to be enforced; nil for any.
  func constraint(
    of conversation: ConversationRequest, _ thinking: AnswerForm.Thinking
  ) async throws(APIError) -> (any TokenConstraint)? {
    let begun = conversation.continuesFinalMessage ? conversation.messages.last?.content : nil
    let wanted = conversation.constraint
    let isHeld = wanted != nil || conversation.thinkingTokens != nil
    guard conversation.tools != nil || (isHeld && thinking != .absent) else {
      return try await compile(wanted, after: begun ?? "")
    }
    var form = AnswerForm(
      tools: conversation.tools?.use, thinking: thinking, text: wanted?.source)
    form.thinkingTokens = conversation.thinkingTokens
    return try await compile(
      RequestedConstraint(
        source: .answer(form), options: wanted?.options ?? ConstraintOptions(),
        field: wanted?.field ?? "tools"),
      after: begun ?? "", tools: conversation.tools)
  }

  /// The fields of schemas that say more than is enforced.
  func relaxed(by constraint: (any TokenConstraint)?, _ tools: RequestedTools?) -> [String] {
    guard let constraint = constraint as? Constraint, let callable = tools?.callable else {
      return []
    }
    return constraint.relaxed.compactMap { place in
      callable.indices.contains(place.tool) ? callable[place.tool].field + place.pointer : nil
    }
  }
}
