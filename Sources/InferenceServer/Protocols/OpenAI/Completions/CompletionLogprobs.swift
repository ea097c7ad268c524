import GPTModel
import JSON
import Tokenizers

/// The reports on the tokens of a completion: four lists of equal length.
///
/// Offsets count the Unicode scalars of the text before a token. They go on from one part of a text to
/// the next, so that the chunks of a stream tell what the document would.
struct CompletionLogprobs: Sendable {
  /// The log-probabilities of one token.
  struct Row: Sendable, Hashable {
    let token: String
    /// Nil for the first token of a prompt, which nothing predicts.
    let logprob: Float?
    let alternatives: [Alternative]
    let offset: Int
  }

  /// A token that could have been there, the one that is there among them.
  struct Alternative: Sendable, Hashable {
    let token: String
    let logprob: Float
  }

  private let vocabulary: TokenTexts
  private let alternatives: Int
  /// Scalars that begin in the text so far.
  private var scalars = 0

  /// Begins at the start of a text.
  init(_ vocabulary: TokenTexts, alternatives: Int) {
    self.vocabulary = vocabulary
    self.alternatives = alternatives
  }

  /// The rows of a prompt, by the reports on all its tokens but the first.
  mutating func rows(of prompt: [Token], _ report: PromptReport) -> [Row] {
    guard let first = prompt.first else { return [] }
    let begin = Row(
      token: vocabulary.name(of: first), logprob: nil, alternatives: [],
      offset: advance(over: first))
    return [begin] + rows(report.logprobs)
  }

  /// The rows of tokens that follow.
  mutating func rows(_ reports: [TokenLogprobs]) -> [Row] {
    reports.map { row($0, offset: advance(over: $0.chosen.token)) }
  }

  /// The row of a token that ends an answer and is no part of its text.
  func row(ending report: TokenLogprobs) -> Row { row(report, offset: scalars) }

  private func row(_ report: TokenLogprobs, offset: Int) -> Row {
    var entries = Array(report.alternatives.prefix(alternatives))
    // Whatever is asked for, the token that is there is among them.
    if !entries.contains(where: { $0.token == report.chosen.token }) {
      entries.append(report.chosen)
    }
    return Row(
      token: vocabulary.name(of: report.chosen.token), logprob: report.chosen.wireLogprob,
      alternatives: entries.map {
        Alternative(token: vocabulary.name(of: $0.token), logprob: $0.wireLogprob)
      }, offset: offset)
  }

  /// Passes over a token's text, and returns where it begins.
  private mutating func advance(over token: Token) -> Int {
    let bytes = vocabulary.text(token)
    // A token may go on with a character that the one before began.
    let goesOn = bytes.first.map(Unicode.UTF8.isContinuation) ?? false
    let start = scalars - (goesOn && scalars > 0 ? 1 : 0)
    scalars += bytes.count { !Unicode.UTF8.isContinuation($0) }
    return start
  }

  /// Writes the value of a `logprobs` member.
  static func write(_ rows: [Row], to json: inout JSONWriter) {
    json.object { json in
      json.member("tokens") { json in
        json.array { json in
          for row in rows { json.value(row.token) }
        }
      }
      json.member("token_logprobs") { json in
        json.array { json in
          for row in rows {
            if let logprob = row.logprob { json.value(logprob) } else { json.null() }
          }
        }
      }
      json.member("top_logprobs") { json in
        json.array { json in
          for row in rows { write(row.alternatives, to: &json) }
        }
      }
      json.member("text_offset") { json in
        json.array { json in
          for row in rows { json.value(row.offset) }
        }
      }
    }
  }

  private static func write(_ alternatives: [Alternative], to json: inout JSONWriter) {
    guard !alternatives.isEmpty else { return json.null() }
    json.object { json in
      var written: Set<String> = []
      // Two tokens of one text cannot both have a member; the more likely one comes first.
      for entry in alternatives where written.insert(entry.token).inserted {
        json.member(entry.token) { $0.value(entry.logprob) }
      }
    }
  }
}

/// The texts of tokens.
struct TokenTexts: Sendable {
  /// The bytes of a token, its name where it is a control token.
  let bytes: @Sendable (Token) -> [UInt8]
  /// The bytes that a token adds to a text: none for a control token that is not shown.
  let text: @Sendable (Token) -> [UInt8]

  /// What the tokens of a model stand for.
  ///
  /// - Parameter showsControlTokens: Whether a control token adds its name to a text.
  init(_ service: any GenerationService, showsControlTokens: Bool) {
    bytes = service.bytes(of:)
    text = showsControlTokens ? bytes : service.textBytes(of:)
  }

  /// A token as text; one that is no text by itself as `bytes:` and its bytes in hexadecimal.
  func name(of token: Token) -> String {
    let bytes = bytes(token)
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    return "bytes:"
      + bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
