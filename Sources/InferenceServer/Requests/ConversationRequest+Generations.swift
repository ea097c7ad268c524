import GPTModel
import Tokenizers

extension ChatCompletion {
  /// One request to the engine for each answer, on the account of a client.
  func requests(prompt: [Token], contextLength: Int, client: String) throws(APIError)
    -> [GenerationRequest]
  {
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
      // All answers have the same prompt.
      request.promptAlternatives = choice == 0 ? promptAlternatives : nil
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

extension GenerationService {
  /// Lays a conversation out for its next message, or for the rest of its last one.
  func render(_ completion: ChatCompletion) throws -> [PromptSegment] {
    guard completion.continuesFinalMessage, let last = completion.messages.indices.last else {
      return try render(
        completion.messages, addGenerationPrompt: completion.addsGenerationPrompt,
        variables: completion.templateVariables)
    }
    // The template closes every message. A mark shows where the last one's own text ends.
    var messages = completion.messages
    messages[last].content += Self.mark
    let segments = try render(
      messages, addGenerationPrompt: false, variables: completion.templateVariables)
    guard let open = Self.cut(segments) else {
      throw APIError.invalid("messages", "the chat template does not let a message be continued")
    }
    return open
  }

  /// The tokens of a conversation's prompt, cut where the request allows it.
  func prompt(for completion: ChatCompletion) throws -> [Token] {
    let prompt = encode(try render(completion))
    return completion.truncation?.apply(
      to: prompt, context: model.contextLength, answer: completion.stop.maximumTokens) ?? prompt
  }

  /// Scalars for private use, so that no template changes them and hardly a text needs them.
  private static var mark: String { "\u{F8D0}\u{F8D1}\u{F8D0}" }

  /// What stands before the last mark.
  private static func cut(_ segments: [PromptSegment]) -> [PromptSegment]? {
    // Byte by byte: as characters, the mark could grow together with what stands before it.
    let mark = Array(mark.utf8)
    for (index, segment) in segments.enumerated().reversed() {
      let bytes = Array(segment.text.utf8)
      guard let range = bytes.ranges(of: mark).last else { continue }
      let text = String(decoding: bytes[..<range.lowerBound], as: UTF8.self)
      let kept = Array(segments[..<index])
      return text.isEmpty ? kept : kept + [PromptSegment(text, from: segment.source)]
    }
    return nil
  }
}
