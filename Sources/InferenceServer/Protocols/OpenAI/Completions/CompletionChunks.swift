import GPTModel
import JSON

/// Turns the events of the continuations of texts into the chunks of a stream.
struct CompletionChunks: AnswerStream {
  private let answer: CompletionAnswer
  private let options: StreamOptions
  private var sequences: [CompletionProgress]

  /// Prepares the chunks of an answer, of which all that is computed is told.
  init(_ answer: CompletionAnswer, options: StreamOptions) {
    self.answer = answer
    self.options = options
    sequences = (0..<answer.sequences).map { CompletionProgress(answer, sequence: $0) }
  }

  /// The chunks that an event gives rise to: none while its text is withheld.
  mutating func events(for event: ChoiceEvent) -> ServerSentEvents {
    let piece = sequences[event.choice].piece(for: event.event)
    var events = ServerSentEvents()
    if !piece.isEmpty || piece.summary != nil {
      events.append(chunk(event.choice, piece))
    }
    return events
  }

  /// The end of the stream: the tokens used, if asked for, and the mark that nothing follows.
  func closing() -> ServerSentEvents { options.closing(usage, in: document) }

  private var usage: Usage { Usage(sequences, of: answer) }

  private func chunk(_ index: Int, _ piece: CompletionProgress.Piece) -> JSONWriter {
    document { json in
      json.member("choices") { json in
        json.array { json in
          json.object { json in
            json.member("text", piece.text)
            json.member("index", index)
            json.member("logprobs") { json in
              if piece.rows.isEmpty {
                json.null()
              } else {
                CompletionLogprobs.write(piece.rows, to: &json)
              }
            }
            json.member("finish_reason", piece.summary?.reason.wireName)
            if let summary = piece.summary { answer.extras.writeStopReason(summary, to: &json) }
            answer.extras.write(piece.tokens, as: "token_ids", to: &json)
          }
        }
      }
      options.writeUsage(usage, to: &json)
    }
  }

  private func document(_ members: (inout JSONWriter) -> Void) -> JSONWriter {
    var json = JSONWriter()
    json.object { json in
      answer.heading.write(object: "text_completion", to: &json)
      members(&json)
    }
    return json
  }
}
