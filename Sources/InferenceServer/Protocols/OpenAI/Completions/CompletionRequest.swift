import GPTModel
import Tokenizers

/// A checked request to continue texts.
struct CompletionRequest {
  /// The model, by any of its names.
  let model: String
  /// The texts, at least one.
  let prompts: [TextInput]
  /// Whether a control token's name in a text is that token.
  let namesControlTokens: Bool
  /// The text behind the gap that an answer fills; nil where answers only continue texts.
  let suffix: String?
  /// Whether an answer ends where another document would begin.
  var fillsGap: Bool
  /// How much of each text is kept, from its end; nil for all.
  let truncation: PromptTruncation?
  /// Answers to each text.
  let choices: Int
  /// Answers computed for each text, of which the most likely are told.
  let samples: Int
  /// How tokens are chosen.
  let sampling: SamplingParameters
  /// When to stop; at no tokens at all, the prompt is all that is looked at.
  let stop: StopCondition
  /// The form of the answers; nil for any.
  let constraint: RequestedConstraint?
  /// Whether control tokens show in the text.
  let showsControlTokens: Bool
  /// Alternatives to report for each token; nil for no report.
  let alternatives: Int?
  /// Alternatives to report for each token of the prompt in vLLM's form; nil for no report.
  let promptAlternatives: Int?
  /// Whether the answer begins with the prompt.
  let echoes: Bool
  /// How urgent it is, and what it shares.
  let terms: RequestTerms
  /// The extras of the answer.
  let extras: AnswerExtras
  /// How to stream; nil for one document.
  let streaming: StreamOptions?

  /// Tokens of an answer where a request sets no limit.
  private static let usualLimit = 16

  /// Reads and checks all fields of a request.
  init(_ fields: FieldReader, vocabularySize: Int) throws(APIError) {
    model = try fields.model()
    try UnsupportedFields.checkOpenAI(fields)
    try IgnoredFields.check(fields)
    suffix = try fields.string("suffix").flatMap { $0.isEmpty ? nil : $0 }
    fillsGap = suffix != nil
    prompts =
      try TextInput.list(
        fields, "prompt", most: RequestLimits.prompts, vocabularySize: vocabularySize)
      ?? [.text("")]
    namesControlTokens = try fields.boolean("parse_special") ?? true
    truncation = try PromptTruncation(fields)
    choices = try fields.integer("n") ?? 1
    samples = try fields.integer("best_of") ?? choices
    sampling = try SamplingParameters(fields, vocabularySize: vocabularySize)
    stop = try StopCondition(
      fields, vocabularySize: vocabularySize, leastTokens: 0, usualLimit: Self.usualLimit)
    constraint = try RequestedConstraint(openAI: fields)
    showsControlTokens = !(try fields.boolean("skip_special_tokens") ?? true)
    alternatives = try fields.integer("logprobs")
    promptAlternatives = try fields.promptAlternatives()
    echoes = try fields.boolean("echo") ?? false
    terms = try RequestTerms(fields)
    extras = try AnswerExtras(fields, messages: [], stop: stop)
    streaming = try StreamOptions.read(fields)
    try check(fields)
  }

  private func check(_ fields: FieldReader) throws(APIError) {
    guard samples >= choices else { throw fields.invalid("best_of", "must not be less than n") }
    guard samples == choices || streaming == nil else {
      throw fields.invalid("best_of", "must be n where stream is true")
    }
    guard promptAlternatives == nil || streaming == nil else {
      throw fields.invalid("prompt_logprobs", "requires stream not to be true")
    }
    guard suffix == nil || !(echoes || prompts.contains(where: \.isTokens)) else {
      throw fields.invalid("suffix", "requires prompts that are texts, and echo not to be true")
    }
    let (answers, limit) = (prompts.count * samples, RequestLimits.completions)
    guard answers <= limit else {
      throw fields.invalid("prompt", "asks for \(answers) answers, and \(limit) may be had at once")
    }
  }

  /// Alternatives that the engine reports for each token; more likely answers are told by the reports.
  private var reportedAlternatives: Int? { alternatives ?? (samples > choices ? 0 : nil) }

  /// Alternatives that the engine reports for each token of the prompt.
  private var reportedPromptAlternatives: Int? {
    let echoed = echoes ? alternatives : nil
    return [promptAlternatives, echoed].compactMap { $0 }.max()
  }

  /// The end of a prompt's tokens, where the request allows it to be cut.
  func cut(_ prompt: [Token], contextLength: Int) -> [Token] {
    truncation?.apply(to: prompt, context: contextLength, answer: stop.maximumTokens) ?? prompt
  }

  /// The tokens of a prompt, which the answer continues, or in which it fills a gap.
  func tokens(of input: TextInput, by service: any GenerationService) throws(APIError) -> [Token] {
    guard let suffix, case .text(let text) = input else {
      let tokens = service.tokens(of: input, namesControlTokens: namesControlTokens)
      return cut(tokens, contextLength: service.model.contextLength)
    }
    guard let marks = service.model.fillInMarks else { throw .noFillInMarks("suffix") }
    return service.encode(
      marks.prompt(
        before: text, behind: suffix, from: namesControlTokens ? .template : .content))
  }

  /// One request to the engine for each answer, prompt after prompt, on the account of a client.
  ///
  /// - Parameter constraint: The form of the answers, ready to be enforced.
  func requests(
    prompts: [[Token]], constraint: (any TokenConstraint)?, of model: ServedModel, client: String
  ) throws(APIError) -> [GenerationRequest] {
    var requests: [GenerationRequest] = []
    for (index, prompt) in prompts.enumerated() {
      let name = prompts.count > 1 ? "prompt[\(index)]" : "prompt"
      guard !prompt.isEmpty else { throw .invalid(name, "\(name) must not be empty") }
      let room = model.contextLength - prompt.count
      let least = stop.maximumTokens == 0 ? 0 : 1
      guard room >= least else {
        throw .tooLong(name, tokens: prompt.count, most: model.contextLength - least)
      }
      var request = GenerationRequest(
        prompt: prompt, sampling: sampling, stop: stop, alternatives: reportedAlternatives)
      request.stop.maximumTokens = stop.maximumTokens.map { min($0, room) }
      request.stop.minimumTokens = min(stop.minimumTokens, room)
      if fillsGap { request.stop.tokens.formUnion(model.fillInMarks?.ends ?? []) }
      request.promptAlternatives = reportedPromptAlternatives
      request.showsControlTokens = showsControlTokens
      request.constraint = constraint
      request.terms = terms
      request.terms.client = client
      for sample in 0..<samples {
        request.choice = sample
        requests.append(request)
      }
    }
    try RequestLimits.checkReports(
      of: requests, field: promptAlternatives.map { _ in "prompt_logprobs" } ?? "logprobs")
    return requests
  }
}

extension FieldReader {
  /// Reads how many alternatives are wanted for each token of the prompt; nil for no report.
  func promptAlternatives() throws(APIError) -> Int? {
    try integer("prompt_logprobs")
  }
}

extension RequestLimits {
  /// Texts of one request to be continued.
  static let prompts = 256
  /// Answers that one request to continue texts may ask for.
  static let completions = 256
  /// Texts of one request to be embedded.
  static let embeddings = 2048
  /// Alternatives reported for each token of a completion.
  static let completionLogprobs = 20
  /// Log-probabilities that the answer to one request may hold, those of alternatives included.
  static let reportedLogprobs = 1 << 20
  /// Generations of one request that run at a time; the others begin as those end.
  static let generationsAtOnce = 32

  /// Throws where requests to the engine ask for more log-probabilities than one answer may hold.
  ///
  /// - Parameter field: The field of the request that asks for them.
  static func checkReports(of requests: [GenerationRequest], field: String) throws(APIError) {
    var reports = 0
    for request in requests {
      if let count = request.promptAlternatives { reports += request.prompt.count * (1 + count) }
      if let count = request.alternatives {
        reports += (request.stop.maximumTokens ?? 0) * (1 + count)
      }
    }
    guard reports <= reportedLogprobs else {
      throw .invalid(
        field,
        "\(field) asks for up to \(reports) log-probabilities, and \(reportedLogprobs) may be"
          + " had at once; ask for fewer alternatives or fewer tokens")
    }
  }
}
