import GPTModel
import JSON
import Tokenizers

/// The continuations of texts in one document.
struct CompletionDocument {
  private let answer: CompletionAnswer
  private var sequences: [CompletionProgress]
  private var texts: [String]
  private var rows: [[CompletionLogprobs.Row]]
  private var tokens: [[Token]]

  /// Begins a document without any text.
  init(_ answer: CompletionAnswer) {
    self.answer = answer
    sequences = (0..<answer.sequences).map { CompletionProgress(answer, sequence: $0) }
    texts = Array(repeating: "", count: answer.sequences)
    rows = Array(repeating: [], count: answer.sequences)
    tokens = Array(repeating: [], count: answer.sequences)
  }

  /// Adds what an event brings.
  mutating func append(_ event: ChoiceEvent) {
    let piece = sequences[event.choice].piece(for: event.event)
    texts[event.choice] += piece.text
    rows[event.choice] += piece.rows
    if answer.extras.reportsTokenIDs { tokens[event.choice] += piece.tokens }
  }

  /// Writes the whole document.
  func json() -> JSONWriter {
    var json = JSONWriter()
    json.object { json in
      answer.heading.write(object: "text_completion", to: &json)
      json.member("choices") { json in
        json.array { json in
          for (index, sequence) in told.enumerated() { write(sequence, as: index, to: &json) }
        }
      }
      json.member("usage") { Usage(sequences, of: answer).write(to: &$0) }
    }
    return json
  }

  /// The sequences that are told, for each text its most likely ones first where more were computed.
  private var told: [Int] {
    answer.prompts.indices.flatMap { prompt in
      let own = Array((prompt * answer.samples)..<((prompt + 1) * answer.samples))
      guard answer.samples > answer.choices else { return own }
      let best = own.sorted {
        (sequences[$1].meanLogprob, $0) < (sequences[$0].meanLogprob, $1)
      }
      return Array(best.prefix(answer.choices))
    }
  }

  private func write(_ sequence: Int, as index: Int, to json: inout JSONWriter) {
    json.object { json in
      json.member("text", texts[sequence])
      json.member("index", index)
      json.member("logprobs") { json in
        if answer.alternatives == nil {
          json.null()
        } else {
          CompletionLogprobs.write(rows[sequence], to: &json)
        }
      }
      let summary = sequences[sequence].choice.summary
      json.member("finish_reason", summary?.reason.wireName)
      if let summary { answer.extras.writeStopReason(summary, to: &json) }
      answer.extras.write(tokens[sequence], as: "token_ids", to: &json)
      answer.extras.write(answer.prompt(of: sequence).tokens, as: "prompt_token_ids", to: &json)
      if let alternatives = answer.promptAlternatives, let report = sequences[sequence].report {
        json.member("prompt_logprobs") { json in
          PromptLogprobsWriter(bytes: answer.texts.bytes)
            .write(report, alternatives: alternatives, to: &json)
        }
      }
    }
  }
}
