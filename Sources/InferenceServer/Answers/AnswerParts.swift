import GPTModel
import JSON
import Tokenizers

extension Usage {
  /// The tokens of all answers to a request: the prompt once, the answers added up.
  init(_ choices: [ChoiceProgress], promptTokens: Int) {
    self.init(
      promptTokens: promptTokens,
      cachedTokens: choices.first?.summary?.usage.cachedTokens ?? 0,
      completionTokens: choices.reduce(0) { $0 + $1.tokens })
    reasoningTokens = choices.reduce(0) { $0 + $1.reasoningTokens }
    for case let usage? in choices.map(\.summary?.usage) {
      acceptedDraftTokens += usage.acceptedDraftTokens
      rejectedDraftTokens += usage.rejectedDraftTokens
    }
  }

  /// Writes the value of a `usage` member.
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("prompt_tokens", promptTokens)
      json.member("completion_tokens", completionTokens)
      json.member("total_tokens", promptTokens + completionTokens)
      json.member("prompt_tokens_details") { json in
        json.object { json in
          json.member("cached_tokens", cachedTokens)
          json.member("audio_tokens", 0)
        }
      }
      json.member("completion_tokens_details") { json in
        json.object { json in
          json.member("reasoning_tokens", reasoningTokens)
          json.member("audio_tokens", 0)
          json.member("accepted_prediction_tokens", acceptedDraftTokens)
          json.member("rejected_prediction_tokens", rejectedDraftTokens)
        }
      }
    }
  }
}

extension GenerationSummary.Reason {
  /// The value of `finish_reason`.
  var wireName: String {
    switch self {
    case .stop, .stopString: "stop"
    case .length: "length"
    }
  }
}

/// Writes the reports on tokens that `logprobs` holds.
struct LogprobsWriter {
  /// The bytes that a token stands for.
  let bytes: (Token) -> [UInt8]

  /// Writes the value of a `logprobs` member; null where none are wanted.
  func write(_ reports: [TokenLogprobs]?, to json: inout JSONWriter) {
    guard let reports else { return json.null() }
    json.object { json in
      json.member("content") { json in
        json.array { writeElements(reports, to: &$0) }
      }
      json.member("refusal", nil)
    }
  }

  /// Writes reports to an open array.
  func writeElements(_ reports: [TokenLogprobs], to json: inout JSONWriter) {
    for report in reports { write(report, to: &json) }
  }

  private func write(_ report: TokenLogprobs, to json: inout JSONWriter) {
    json.object { json in
      write(report.chosen, to: &json)
      json.member("top_logprobs") { json in
        json.array { json in
          for entry in report.alternatives {
            json.object { write(entry, to: &$0) }
          }
        }
      }
    }
  }

  private func write(_ entry: TokenLogprobs.Entry, to json: inout JSONWriter) {
    let bytes = bytes(entry.token)
    json.member("token", String(decoding: bytes, as: UTF8.self))
    json.member("logprob") { $0.value(entry.wireLogprob) }
    json.member("bytes") { json in
      json.array { json in
        for byte in bytes { json.value(byte) }
      }
    }
  }
}

extension TokenLogprobs.Entry {
  /// The log-probability, or the protocol's "very unlikely" where it is no number JSON knows.
  var wireLogprob: Float { logprob > -9999 ? min(logprob, 0) : -9999 }
}
