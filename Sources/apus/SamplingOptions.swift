import ArgumentParser
import GPTModel

/// How an answer is written.
struct SamplingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Randomness, from 0 (always the most likely token) to 2.",
      discussion: "By default what the model's files say, else 0.7."))
  var temperature: Float?

  @Option(
    help: ArgumentHelp(
      "Keep the most likely tokens that sum to this probability.",
      discussion: "By default what the model's files say, else 0.95."))
  var topP: Float?

  @Option(
    help: ArgumentHelp(
      "Keep this many of the most likely tokens; 0 keeps all.",
      discussion: "By default what the model's files say, else 0."))
  var topK: Int?

  @Option(help: "The seed; a random one by default.")
  var seed: UInt64?

  @Option(help: "Tokens to write at most; what the context leaves if left out.")
  var maxTokens: Int?

  func validate() throws {
    if let temperature, !(0...2).contains(temperature) {
      throw ValidationError("--temperature must be from 0 to 2, not \(temperature).")
    }
    if let topP, !(0...1).contains(topP) {
      throw ValidationError("--top-p must be from 0 to 1, not \(topP).")
    }
    if let topK, topK < 0 { throw ValidationError("--top-k must not be negative.") }
    if let maxTokens, maxTokens < 1 { throw ValidationError("--max-tokens must be 1 or more.") }
  }

  /// The parameters of the next answer of a model.
  func parameters(for model: LoadedModel) -> SamplingParameters {
    var parameters = SamplingParameters()
    (parameters.temperature, parameters.topP) = (0.7, 0.95)
    parameters.apply(model.samplingDefaults)
    if let temperature { parameters.temperature = temperature }
    if let topP { parameters.keep(upTo: topP) }
    if let topK { parameters.topK = topK }
    parameters.seed = seed
    return parameters
  }

  /// When the next answer ends.
  var stop: StopCondition {
    var stop = StopCondition()
    stop.maximumTokens = maxTokens
    return stop
  }
}

/// Prints an answer as it is written.
///
/// - Returns: The whole text.
func stream(_ request: GenerationRequest, on engine: Engine) async throws -> String {
  var answer = ""
  for try await event in try engine.generate(request) {
    let text =
      switch event {
      case .progress, .prompt: ""
      case .token(let token): token.text
      case .finished(let summary): summary.text
      }
    answer += text
    try showNow(text)
  }
  try showNow("\n")
  return answer
}
