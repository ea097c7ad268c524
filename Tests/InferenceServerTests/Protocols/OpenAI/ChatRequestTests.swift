import GPTModel
import HTTPTypes
import Testing

@testable import InferenceServer

@Suite("Fields of a chat completion")
struct ChatCompletionTests {
  @Test("Every field arrives where it belongs")
  func all() throws {
    let conversation = try read(
      """
      "temperature": 0.5, "top_p": 0.9, "top_k": 40, "min_p": 0.1, "presence_penalty": -1,
      "frequency_penalty": 2, "repetition_penalty": 1.5, "seed": -3, "n": 2.0,
      "logit_bias": {"7": -100, "8": 1.5}, "logprobs": true, "top_logprobs": 3,
      "stop": ["a", "b"], "stop_token_ids": [5], "ignore_eos": true, "max_tokens": 9,
      "min_tokens": 2, "stream": true, "add_generation_prompt": false,
      "stream_options": {"include_usage": true, "continuous_usage_stats": true},
      "chat_template_kwargs": {"enable_thinking": false}
      """)
    var sampling = SamplingParameters()
    sampling.temperature = 0.5
    sampling.topP = 0.9
    sampling.topK = 40
    sampling.minP = 0.1
    sampling.presencePenalty = -1
    sampling.frequencyPenalty = 2
    sampling.repetitionPenalty = 1.5
    sampling.seed = UInt64(bitPattern: -3)
    sampling.logitBias = [7: -100, 8: 1.5]
    var stop = StopCondition()
    stop.strings = ["a", "b"]
    stop.tokens = [5]
    stop.atEndOfSequence = false
    stop.maximumTokens = 9
    stop.minimumTokens = 2
    #expect(conversation.sampling == sampling)
    #expect(conversation.stop == stop)
    #expect(conversation.choices == 2)
    #expect(conversation.alternatives == 3)
    #expect(conversation.streaming == .init(includesUsage: true, reportsUsageContinuously: true))
    #expect(conversation.addsGenerationPrompt == false)
    #expect(conversation.templateVariables["enable_thinking"] == .bool(false))
  }

  @Test("Rarer ways to choose tokens arrive where they belong")
  func rareSampling() throws {
    let sampling = try read(
      """
      "typical_p": 0.9, "top_n_sigma": 1.5, "xtc_probability": 0.25, "xtc_threshold": 0.2,
      "dry_multiplier": 0.8, "dry_base": 2, "dry_allowed_length": 3, "dry_penalty_last_n": 64,
      "dry_sequence_breakers": ["a", "\\n"], "n_predict": 4
      """
    ).sampling
    #expect(sampling.typicalP == 0.9 && sampling.topNSigma == 1.5)
    #expect(sampling.xtcProbability == 0.25 && sampling.xtcThreshold == 0.2)
    let runs = sampling.runPenalty
    #expect(runs.multiplier == 0.8 && runs.base == 2 && runs.allowedLength == 3)
    #expect(runs.window == 64 && runs.breakers == ["a", "\n"] && runs.isOn)
    #expect(try read(#""dry_penalty_last_n": -1, "top_n_sigma": -1"#).sampling.topNSigma == 0)
    #expect(
      try read(#""dry_multiplier": 1, "dry_penalty_last_n": 0"#).sampling.runPenalty.isOn == false)
  }

  @Test("What asks for no other way to choose is no reason to refuse")
  func otherSamplers() throws {
    _ = try read(#""mirostat": 0, "use_beam_search": false, "dynatemp_range": 0.0, "options": {}"#)
  }

  @Test("A top-p of 0 takes the most likely token, as a temperature of 0 does")
  func noTopP() throws {
    let sampling = try read(#""top_p": 0, "temperature": 1.5, "seed": 1"#).sampling
    #expect(sampling.temperature == 0 && sampling.topP == 1)
    #expect(try read(#""top_p": 1e-60, "seed": 1"#).sampling.temperature == 0)
  }

  @Test("A seed of -1 has one drawn, and a limit of -1 is none")
  func minusOne() throws {
    let seeds = try (0..<3).map { _ in try read(#""seed": -1"#).sampling.seed }
    #expect(Set(seeds).count == 3)
    #expect(try read(#""max_tokens": -1"#).stop.maximumTokens == nil)
    #expect(throws: APIError.self) { try read(#""max_tokens": 0"#) }
    #expect(throws: APIError.self) { try read(#""max_tokens": -2"#) }
  }

  @Test("What clients send for nothing means nothing")
  func nothing() throws {
    let conversation = try read(
      """
      "stop": null, "logprobs": null, "top_logprobs": null, "max_tokens": null, "seed": null,
      "n": null, "stream": null, "stream_options": null, "tools": [], "tool_choice": "auto",
      "response_format": {"type": "text"}, "functions": null, "modalities": ["text"],
      "user": "u", "metadata": {"a": "b"}, "store": true, "top_k": -1, "unheard_of": [1]
      """)
    var sampling = SamplingParameters()
    sampling.seed = conversation.sampling.seed
    #expect(conversation.sampling == sampling)
    #expect(conversation.stop == StopCondition())
    #expect(conversation.streaming == nil)
    #expect(conversation.alternatives == nil)
    #expect(try read("").sampling.seed != read("").sampling.seed, "each request draws its seed")
  }

  @Test("Older spellings count only where the newer one is absent")
  func spellings() throws {
    #expect(try read(#""max_completion_tokens": 3, "max_tokens": 7"#).stop.maximumTokens == 3)
    #expect(try read(#""max_completion_tokens": null, "max_tokens": 7"#).stop.maximumTokens == 7)
    #expect(try read(#""repeat_penalty": 2"#).sampling.repetitionPenalty == 2)
    #expect(try read(#""n_predict": 4"#).stop.maximumTokens == 4)
  }

  @Test("Messages may be text or parts, and their roles are known")
  func messages() throws {
    let conversation = try ConversationRequest(
      chat: reader(
        #"""
        {"model": "m", "messages": [
          {"role": "developer", "content": "d", "name": null},
          {"role": "user", "name": "Ann", "content": [
            {"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
          {"role": "assistant", "content": null, "tool_calls": []},
          {"role": "assistant", "reasoning": "r", "content": [{"type": "refusal", "refusal": "no"}]}
        ]}
        """#), vocabularySize: 100)
    var ann = JSONObject()
    ann["name"] = .string("Ann")
    var reasoning = JSONObject()
    reasoning["reasoning_content"] = .string("r")
    #expect(
      conversation.messages == [
        ChatMessage(role: "system", content: "d"),
        ChatMessage(role: "user", content: "a\nb", extra: ann),
        ChatMessage(role: "assistant", content: ""),
        ChatMessage(role: "assistant", content: "no", extra: reasoning),
      ])
  }

  @Test("A value that is not allowed is refused by name", arguments: BadFields.members)
  func refused(field: BadField) throws {
    let error = #expect(throws: APIError.self) { try read(field.members) }
    #expect(error?.status == .badRequest)
    #expect(error?.parameter == field.parameter)
    #expect((error?.message.utf8.count ?? .max) <= 300)
  }

  @Test("A message that is not allowed is refused by name", arguments: BadFields.messages)
  func refusedMessage(field: BadField) throws {
    let error = #expect(throws: APIError.self) {
      try ConversationRequest(
        chat: reader(#"{"model": "m", "messages": \#(field.members)}"#), vocabularySize: 100)
    }
    #expect(error?.status == .badRequest)
    #expect(error?.parameter == field.parameter)
  }

  @Test("Limits hold to the unit")
  func limits() throws {
    let stops = (0..<16).map { "\"\($0)\"" }.joined(separator: ",")
    #expect(try read("\"stop\": [\(stops)]").stop.strings.count == 16)
    #expect(throws: APIError.self) { try read("\"stop\": [\(stops), \"x\"]") }
    let long = String(repeating: "s", count: 128)
    #expect(try read("\"stop\": \"\(long)\"").stop.strings == [long])
    #expect(throws: APIError.self) { try read("\"stop\": \"\(long)s\"") }
    let one = #"{"role": "user", "content": ""}"#
    func conversation(_ count: Int) -> String {
      "[" + Array(repeating: one, count: count).joined(separator: ",") + "]"
    }
    #expect(throws: Never.self) {
      try ConversationRequest(
        chat: reader(#"{"model": "m", "messages": \#(conversation(2048))}"#), vocabularySize: 100)
    }
    #expect(throws: APIError.self) {
      try ConversationRequest(
        chat: reader(#"{"model": "m", "messages": \#(conversation(2049))}"#), vocabularySize: 100)
    }
  }

  private func read(_ members: String) throws -> ConversationRequest {
    let rest = members.isEmpty ? "" : ", " + members
    return try ConversationRequest(
      chat: reader(#"{"model": "m", "messages": [{"role": "user", "content": "hi"}]\#(rest)}"#),
      vocabularySize: 100)
  }

  private func reader(_ text: String) throws(APIError) -> FieldReader {
    try FieldReader(jsonBody: Array(text.utf8), .chat)
  }
}
