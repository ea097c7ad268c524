import GPTModel
import Tokenizers

/// The parts of a completion's answer that precede its first token.
struct CompletionAnswer: Sendable {
  /// A text that is continued.
  struct Prompt: Sendable {
    /// Its tokens.
    let tokens: [Token]
    /// The text itself, where the answers begin with it.
    let echo: String
  }

  /// The members that all parts of the answer share.
  let heading: AnswerHeading
  /// The texts.
  let prompts: [Prompt]
  /// Answers to each text that are told.
  let choices: Int
  /// Answers to each text that are computed.
  let samples: Int
  /// Whether answers begin with their text.
  let echoes: Bool
  /// Alternatives to tell for each token; nil for no report.
  let alternatives: Int?
  /// Alternatives to tell for each token of the prompt in vLLM's form; nil for no report.
  let promptAlternatives: Int?
  /// The extras of the answer.
  let extras: AnswerExtras
  /// The texts of tokens.
  let texts: TokenTexts

  /// Gathers what a request and its prompts say.
  init(_ completion: CompletionRequest, prompts: [[Token]], service: any GenerationService) {
    let texts = TokenTexts(service, showsControlTokens: completion.showsControlTokens)
    heading = AnswerHeading(model: service.model, idPrefix: "cmpl-")
    // What was cut, or read as control tokens, comes back as its tokens have it.
    let isWhole = completion.truncation == nil && !completion.namesControlTokens
    self.prompts = zip(completion.prompts, prompts).map { input, tokens in
      if case .text(let text) = input, isWhole { return Prompt(tokens: tokens, echo: text) }
      return Prompt(
        tokens: tokens, echo: String(decoding: tokens.flatMap(texts.text), as: UTF8.self))
    }
    choices = completion.choices
    samples = completion.samples
    echoes = completion.echoes
    alternatives = completion.alternatives
    promptAlternatives = completion.promptAlternatives
    extras = completion.extras
    self.texts = texts
  }

  /// Answers that are computed in all.
  var sequences: Int { prompts.count * samples }

  /// The text that a computed answer continues.
  func prompt(of sequence: Int) -> Prompt { prompts[sequence / samples] }

  /// Tokens of all texts.
  var promptTokens: Int { prompts.reduce(0) { $0 + $1.tokens.count } }
}

/// One continuation as it grows.
struct CompletionProgress {
  /// The addition of one event to the answer.
  struct Piece {
    var text = ""
    var rows: [CompletionLogprobs.Row] = []
    var tokens: [Token] = []
    var summary: GenerationSummary?

    /// Whether the addition is not empty.
    var isEmpty: Bool { text.isEmpty && rows.isEmpty }
  }

  private(set) var choice = ChoiceProgress()
  /// The report about the prompt.
  private(set) var report: PromptReport?
  private let prompt: CompletionAnswer.Prompt
  private let texts: TokenTexts
  private var logprobs: CompletionLogprobs?
  /// The text to begin with, until it was told.
  private var echo: String?
  private var sum = 0.0
  private var summands = 0

  /// Begins one of an answer's sequences.
  init(_ answer: CompletionAnswer, sequence: Int) {
    prompt = answer.prompt(of: sequence)
    texts = answer.texts
    logprobs = answer.alternatives.map { CompletionLogprobs(answer.texts, alternatives: $0) }
    echo = answer.echoes ? prompt.echo : nil
  }

  /// The mean log-probability of the tokens chosen.
  var meanLogprob: Double { summands > 0 ? sum / Double(summands) : -.infinity }

  /// Takes the next event in.
  mutating func piece(for event: GenerationEvent) -> Piece {
    var piece = Piece()
    if let echo { piece.text = echo }
    switch event {
    case .progress: return piece
    case .prompt(let report):
      self.report = report
      if echo != nil { piece.rows += logprobs?.rows(of: prompt.tokens, report) ?? [] }
      echo = nil
      return piece
    case .token(let token): count(token.logprobs)
    case .finished(let summary): count(summary.endLogprobs)
    }
    echo = nil
    let part = choice.piece(for: event, bytes: texts.text)
    piece.text += part.text
    piece.rows += logprobs?.rows(part.logprobs) ?? []
    piece.tokens = part.tokens
    piece.summary = part.summary
    if let end = part.summary?.endLogprobs, let logprobs {
      piece.rows.append(logprobs.row(ending: end))
    }
    return piece
  }

  private mutating func count(_ report: TokenLogprobs?) {
    guard let report else { return }
    sum += Double(report.chosen.wireLogprob)
    summands += 1
  }
}

extension Usage {
  /// The tokens of all answers to several texts: each text once, the answers added up.
  init(_ sequences: [CompletionProgress], of answer: CompletionAnswer) {
    let firsts = stride(from: 0, to: sequences.count, by: answer.samples)
    self.init(
      promptTokens: answer.promptTokens,
      cachedTokens: firsts.reduce(0) {
        $0 + (sequences[$1].choice.summary?.usage.cachedTokens ?? 0)
      },
      completionTokens: sequences.reduce(0) { $0 + $1.choice.tokens })
  }
}
