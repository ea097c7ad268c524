import GPTModel
import JSON

/// How long the answers to a request took, in the words of llama.cpp's server.
struct Timings: Hashable {
  private let times: GenerationTimes
  private let usage: Usage
  /// Tokens that came after the first of their answer, each of which took a step of its own.
  private let laterTokens: Int

  /// Takes the longest of each part; nil until all answers have ended.
  init?(_ choices: [ChoiceProgress], promptTokens: Int) {
    let summaries = choices.compactMap(\.summary)
    guard summaries.count == choices.count else { return nil }
    times = summaries.reduce(GenerationTimes()) { $0.longest($1.times) }
    usage = Usage(choices, promptTokens: promptTokens)
    laterTokens = summaries.reduce(0) { $0 + max(0, $1.usage.completionTokens - 1) }
  }

  /// Writes the value of a `timings` member; what cannot be divided is null.
  func write(to json: inout JSONWriter) {
    let computed = usage.promptTokens - usage.cachedTokens
    json.object { json in
      json.member("queue_ms") { $0.value(times.queued * 1000) }
      json.member("cache_n", usage.cachedTokens)
      json.member("prompt_n", computed)
      write(times.prefill, perToken: computed, as: "prompt", to: &json)
      json.member("predicted_n", usage.completionTokens)
      write(times.decode, perToken: laterTokens, as: "predicted", to: &json)
    }
  }

  private func write(
    _ seconds: Double, perToken tokens: Int, as name: String, to json: inout JSONWriter
  ) {
    json.member(name + "_ms") { $0.value(seconds * 1000) }
    json.member(name + "_per_token_ms") { $0.value(seconds * 1000 / Double(tokens)) }
    json.member(name + "_per_second") { $0.value(Double(tokens) / seconds) }
  }
}
