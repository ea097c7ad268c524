import GPTModel

/// Turns the events of a chat completion into the chunks of its stream.
struct CompletionChunks {
  private let heading: AnswerHeading
  private let options: ChatCompletion.StreamOptions
  private let promptTokens: Int
  private let reportsLogprobs: Bool
  private let bytes: @Sendable (Token) -> [UInt8]
  private var choices: [ChoiceProgress]

  /// Prepares the chunks of an answer.
  init(_ answer: ChatAnswer, options: ChatCompletion.StreamOptions) {
    heading = answer.heading
    self.options = options
    promptTokens = answer.promptTokens
    reportsLogprobs = answer.reportsLogprobs
    bytes = answer.bytes
    choices = Array(repeating: ChoiceProgress(), count: answer.choices)
  }

  /// The chunks that an event gives rise to: none while its text is withheld.
  mutating func chunks(for event: ChoiceEvent) -> ServerSentEvents {
    let piece = choices[event.choice].piece(for: event.event, bytes: bytes)
    var events = ServerSentEvents()
    if piece.isFirst {
      events.append(
        chunk(event.choice) { json in
          json.member("role", "assistant")
          json.member("content", "")
        })
    }
    if !piece.text.isEmpty || !piece.logprobs.isEmpty {
      events.append(
        chunk(event.choice, logprobs: piece.logprobs) { json in
          json.member("content", piece.text)
        })
    }
    if let summary = piece.summary {
      events.append(chunk(event.choice, finish: summary.reason) { _ in })
    }
    return events
  }

  /// The end of the stream: the tokens used, if asked for, and the mark that nothing follows.
  func closing() -> ServerSentEvents {
    var events = ServerSentEvents()
    if options.includesUsage {
      events.append(
        document { json in
          json.member("choices") { $0.array { _ in } }
          json.member("usage") { usage.write(to: &$0) }
        })
    }
    events.appendDone()
    return events
  }

  private var usage: Usage { Usage(choices, promptTokens: promptTokens) }

  private func chunk(
    _ choice: Int, logprobs: [TokenLogprobs] = [], finish: GenerationSummary.Reason? = nil,
    delta: (inout JSONWriter) -> Void
  ) -> JSONWriter {
    document { json in
      json.member("choices") { json in
        json.array { json in
          json.object { json in
            json.member("index", choice)
            json.member("delta") { $0.object(delta) }
            json.member("logprobs") { json in
              let reports = reportsLogprobs && !logprobs.isEmpty ? logprobs : nil
              LogprobsWriter(bytes: bytes).write(reports, to: &json)
            }
            json.member("finish_reason", finish?.wireName)
          }
        }
      }
      if options.reportsUsageContinuously {
        json.member("usage") { usage.write(to: &$0) }
      } else if options.includesUsage {
        json.member("usage", nil)
      }
    }
  }

  private func document(_ members: (inout JSONWriter) -> Void) -> JSONWriter {
    var json = JSONWriter()
    json.object { json in
      heading.write(object: "chat.completion.chunk", to: &json)
      members(&json)
    }
    return json
  }
}
