import GPTModel
import JSON
import Tokenizers

/// Turns the events of a chat completion into the chunks of its stream.
struct ChatChunks: AnswerStream {
  private let heading: AnswerHeading
  private let options: StreamOptions
  private let prompt: [Token]
  private let extras: AnswerExtras
  private let reportsLogprobs: Bool
  private let mayCall: Bool
  /// The calls of each choice whose input is a text.
  private var customCalls: [Set<Int>]
  private let bytes: @Sendable (Token) -> [UInt8]
  private var choices: [ChoiceProgress]

  /// Prepares the chunks of an answer.
  init(_ answer: ConversationAnswer, options: StreamOptions) {
    heading = answer.heading
    self.options = options
    prompt = answer.prompt
    extras = answer.extras
    reportsLogprobs = answer.reportsLogprobs
    bytes = answer.bytes
    mayCall = answer.tools != nil
    customCalls = Array(repeating: [], count: answer.choices)
    choices = Array(repeating: answer.beginning, count: answer.choices)
  }

  mutating func events(for event: ChoiceEvent) -> ServerSentEvents {
    var events = ServerSentEvents()
    if case .progress(let progress) = event.event {
      events.append(chunk(progress))
      return events
    }
    var piece = choices[event.choice].piece(for: event.event, bytes: bytes)
    if piece.isFirst {
      events.append(
        chunk(event.choice, AnswerPiece(isFirst: true)) { json in
          json.member("role", "assistant")
          if mayCall, extras.echo.isEmpty {
            json.member("content", nil)
          } else {
            json.member("content", extras.echo)
          }
        })
      piece.isFirst = false
    }
    if !piece.reasoning.isEmpty {
      var thought = piece
      (thought.logprobs, thought.tokens) = ([], [])
      events.append(
        chunk(event.choice, thought) { $0.member("reasoning_content", piece.reasoning) })
    }
    if !piece.text.isEmpty || !piece.logprobs.isEmpty {
      events.append(
        chunk(event.choice, piece) { json in
          json.member("content", piece.text)
        })
      piece.tokens = []
    }
    for call in piece.calls where call.isShown { events.append(chunk(event.choice, call)) }
    if piece.summary != nil {
      piece.logprobs = []
      events.append(chunk(event.choice, piece, isLast: true) { _ in })
    }
    return events
  }

  func closing() -> ServerSentEvents { options.closing(usage, in: document) }

  private mutating func chunk(_ choice: Int, _ call: CallPiece) -> JSONWriter {
    let index: Int
    switch call {
    case .began(let number, let begun):
      index = number
      if begun.isCustom { customCalls[choice].insert(number) }
    case .arguments(let number, _), .ended(let number, _): index = number
    }
    let isCustom = customCalls[choice].contains(index)
    return chunk(choice, AnswerPiece()) { json in
      json.member("tool_calls") { json in
        json.array { call.write(isCustom: isCustom, to: &$0) }
      }
    }
  }

  /// A chunk without an answer, in the words of llama.cpp's server.
  private func chunk(_ progress: PromptProgress) -> JSONWriter {
    document { json in
      json.member("choices") { $0.array { _ in } }
      json.member("prompt_progress") { json in
        json.object { json in
          json.member("total", progress.total)
          json.member("cache", progress.cached)
          json.member("processed", progress.computed)
          json.member("time_ms") { $0.value(progress.seconds * 1000) }
        }
      }
      options.writeUsage(usage, to: &json)
    }
  }

  private var usage: Usage { Usage(choices, promptTokens: prompt.count) }

  private func chunk(
    _ choice: Int, _ piece: AnswerPiece, isLast: Bool = false,
    delta: (inout JSONWriter) -> Void
  ) -> JSONWriter {
    let logprobs = reportsLogprobs && !piece.logprobs.isEmpty ? piece.logprobs : nil
    let summary = isLast ? piece.summary : nil
    return document { json in
      json.member("choices") { json in
        json.array { json in
          json.object { json in
            json.member("index", choice)
            json.member("delta") { $0.object(delta) }
            json.member("logprobs") { json in
              LogprobsWriter(bytes: bytes).write(logprobs, to: &json)
            }
            json.member("finish_reason", isLast ? choices[choice].finishReason : nil)
            if let summary { extras.writeStopReason(summary, to: &json) }
            extras.write(piece.tokens, as: "token_ids", to: &json)
          }
        }
      }
      if piece.isFirst { extras.write(prompt, as: "prompt_token_ids", to: &json) }
      if isLast { extras.writeTimings(choices, promptTokens: prompt.count, to: &json) }
      options.writeUsage(usage, to: &json)
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
