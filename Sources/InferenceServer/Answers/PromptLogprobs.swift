import GPTModel
import JSON
import Tokenizers

/// Writes what was asked of a prompt's tokens in vLLM's form: for each but the first an object of the
/// token and the most likely ones, by their numbers.
struct PromptLogprobsWriter {
  /// The bytes that a token stands for.
  let bytes: (Token) -> [UInt8]

  /// Writes the value of a `prompt_logprobs` member.
  ///
  /// - Parameter alternatives: How many alternatives were asked for.
  func write(_ report: PromptReport, alternatives: Int, to json: inout JSONWriter) {
    json.array { json in
      json.null()
      for token in report.logprobs {
        json.object { write(token, alternatives: alternatives, to: &$0) }
      }
    }
  }

  private func write(_ token: TokenLogprobs, alternatives: Int, to json: inout JSONWriter) {
    write(token.chosen, rank: token.rank, to: &json)
    for (index, entry) in token.alternatives.prefix(alternatives).enumerated()
    where entry.token != token.chosen.token {
      write(entry, rank: index + 1, to: &json)
    }
  }

  private func write(_ entry: TokenLogprobs.Entry, rank: Int?, to json: inout JSONWriter) {
    json.member("\(entry.token)") { json in
      json.object { json in
        json.member("logprob") { $0.value(entry.wireLogprob) }
        json.member("rank") { json in
          if let rank { json.value(rank) } else { json.null() }
        }
        json.member("decoded_token", String(decoding: bytes(entry.token), as: UTF8.self))
      }
    }
  }
}
