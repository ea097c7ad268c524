import GPTModel
import HTTPTypes
import JSON
import Tokenizers

extension SamplingParameters {
  /// Reads the fields that say how tokens are chosen; without a seed one is drawn.
  init(_ fields: FieldReader, vocabularySize: Int) throws(APIError) {
    self = fields.usualSampling
    temperature = try fields.number("temperature") ?? temperature
    if let probability = try fields.number("top_p") { keep(upTo: probability) }
    topK = max(0, try fields.integer("top_k") ?? topK)
    minP = try fields.number("min_p") ?? minP
    presencePenalty = try fields.number("presence_penalty") ?? 0
    frequencyPenalty = try fields.number("frequency_penalty") ?? 0
    let repetition = fields.spelling("repetition_penalty", "repeat_penalty")
    repetitionPenalty = try fields.number(repetition) ?? repetitionPenalty
    typicalP = try fields.number("typical_p") ?? 1
    topNSigma = max(0, try fields.number("top_n_sigma") ?? 0)
    xtcProbability = try fields.number("xtc_probability") ?? 0
    xtcThreshold = try fields.number("xtc_threshold") ?? xtcThreshold
    runPenalty = try RunPenaltyParameters(fields)
    logitBias = try Self.logitBias(fields, vocabularySize: vocabularySize)
    seed =
      try fields.integer("seed").flatMap { $0 == -1 ? nil : UInt64(bitPattern: Int64($0)) }
      // JSON's numbers are exact up to there, so that clients can send it back.
      ?? UInt64.random(in: 0..<1 << 53)
  }

  /// Fields of a response's head: the seed, where tokens are drawn.
  var headers: HTTPFields {
    guard let seed, temperature > 0 else { return [:] }
    return [.seed: "\(Int64(bitPattern: seed))"]
  }

  private static func logitBias(
    _ fields: FieldReader, vocabularySize: Int
  ) throws(APIError) -> [Token: Float] {
    guard let biases = try fields.reader("logit_bias") else { return [:] }
    guard biases.object.members.count <= RequestLimits.logitBiases else {
      throw fields.invalid("logit_bias", "may have at most \(RequestLimits.logitBiases) tokens")
    }
    var result: [Token: Float] = [:]
    for member in biases.object.members {
      guard let token = Token(digits: member.name), Int(token) < vocabularySize else {
        throw fields.invalid("logit_bias", "must name tokens from 0 to \(vocabularySize - 1)")
      }
      result[token] = try biases.number(member.name)
    }
    return result
  }
}

extension RunPenaltyParameters {
  /// Reads the fields that make repeated runs less likely.
  fileprivate init(_ fields: FieldReader) throws(APIError) {
    self.init()
    multiplier = try fields.number("dry_multiplier") ?? multiplier
    base = try fields.number("dry_base") ?? base
    allowedLength = try fields.integer("dry_allowed_length") ?? allowedLength
    window = try fields.integer("dry_penalty_last_n").flatMap { $0 == -1 ? nil : $0 }
    let name = "dry_sequence_breakers"
    if fields.has(name) { breakers = try StopCondition.strings(fields, name) }
  }
}

extension StopCondition {
  /// Reads the fields that say when to stop.
  ///
  /// - Parameters:
  ///   - fields: The fields.
  ///   - vocabularySize: Tokens in the vocabulary, V.
  ///   - leastTokens: The lowest limit that a request may set.
  ///   - usualLimit: The limit where a request sets none.
  init(
    _ fields: FieldReader, vocabularySize: Int, leastTokens: Int = 1, usualLimit: Int? = nil
  ) throws(APIError) {
    self.init()
    strings = try Self.strings(fields, "stop")
    showsString = try fields.boolean("include_stop_str_in_output") ?? false
    tokens = try Self.tokens(fields, vocabularySize: vocabularySize)
    atEndOfSequence = !(try fields.boolean("ignore_eos") ?? false)
    let limit = fields.spelling("max_completion_tokens", "max_tokens", "n_predict")
    maximumTokens = try Self.limit(fields, limit, least: leastTokens, usual: usualLimit)
    minimumTokens = try fields.integer("min_tokens") ?? 0
    if let maximumTokens, minimumTokens > maximumTokens {
      throw fields.invalid("min_tokens", "must not be greater than \(limit)")
    }
  }

  /// Reads the limit of tokens; nil, which -1 asks for, is what the context has left.
  private static func limit(
    _ fields: FieldReader, _ name: String, least: Int, usual: Int?
  ) throws(APIError) -> Int? {
    guard let limit = try fields.integer(name) else { return usual }
    if limit == -1 { return nil }
    guard limit >= least else { throw fields.invalid(name, "must be -1, or at least \(least)") }
    return limit
  }

  /// Reads the strings at which to stop.
  static func strings(_ fields: FieldReader, _ name: String) throws(APIError) -> [String] {
    let elements: [JSONValue]
    if case .string(let one) = fields.value(name) {
      elements = [.string(one)]
    } else {
      elements = try fields.array(name) ?? []
    }
    var strings: [String] = []
    for element in elements {
      guard case .string(let string) = element else {
        throw fields.mismatch(name, "a string or an array of strings")
      }
      guard (1...RequestLimits.stopStringBytes).contains(string.utf8.count) else {
        throw fields.invalid(
          name, "must have strings of 1 to \(RequestLimits.stopStringBytes) bytes")
      }
      strings.append(string)
    }
    return strings
  }

  private static func tokens(
    _ fields: FieldReader, vocabularySize: Int
  ) throws(APIError) -> Set<Token> {
    let name = "stop_token_ids"
    var tokens: Set<Token> = []
    for element in try fields.array(name) ?? [] {
      tokens.insert(try Token(element, of: fields, name, vocabularySize: vocabularySize))
    }
    return tokens
  }
}

extension Token {
  /// A token written in decimal digits and nothing else.
  fileprivate init?(digits: String) {
    let decimal = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard !digits.isEmpty, digits.utf8.allSatisfy({ decimal.contains($0) }) else { return nil }
    self.init(digits)
  }
}
