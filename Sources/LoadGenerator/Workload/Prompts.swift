import JSON

/// One thing to say to the model.
package struct Prompt: Sendable, Hashable {
  /// The text.
  package let text: String
  /// Tokens that the answer may have, where the prompt says so itself.
  package let maximumTokens: Int?
}

/// What is said in each turn of each conversation; equal settings say the same.
package struct Prompts: Sendable {
  private enum Source: Sendable {
    case synthetic(words: Int)
    case listed([Prompt])
  }

  private let source: Source
  private let sharedPrefix: String
  private let seed: UInt64

  /// Makes prompts of random words, about one token each, that begin differently from each other.
  package init(words: Int, sharedWords: Int = 0, seed: UInt64) {
    source = .synthetic(words: words)
    sharedPrefix = Self.prefix(sharedWords, seed)
    self.seed = seed
  }

  /// Reads prompts from a text: one a line, or one JSON object a line.
  ///
  /// A line that begins with a brace is an object with `prompt` and, if wanted, `max_tokens`. Empty
  /// lines are skipped. Conversations take the prompts in turn and begin again after the last.
  package init(lines text: String, sharedWords: Int = 0, seed: UInt64) throws(LoadError) {
    var prompts: [Prompt] = []
    var number = 0
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      number += 1
      guard line.contains(where: { !$0.isWhitespace }) else { continue }
      prompts.append(try Self.prompt(String(line), number))
    }
    guard !prompts.isEmpty else { throw LoadError("The file of prompts is empty.") }
    source = .listed(prompts)
    sharedPrefix = Self.prefix(sharedWords, seed)
    self.seed = seed
  }

  /// Returns what is said in a turn, both counted from zero; the shared prefix opens the first.
  package func prompt(conversation: Int, turn: Int, turns: Int) -> Prompt {
    let prompt =
      switch source {
      case .synthetic(let words):
        Prompt(
          text: Self.words(words, SplitMix64(seed: seed, conversation, turn)), maximumTokens: nil)
      case .listed(let prompts):
        prompts[(conversation % prompts.count * (turns % prompts.count) + turn) % prompts.count]
      }
    guard turn == 0, !sharedPrefix.isEmpty else { return prompt }
    return Prompt(text: sharedPrefix + prompt.text, maximumTokens: prompt.maximumTokens)
  }

  private static func prompt(_ line: String, _ number: Int) throws(LoadError) -> Prompt {
    guard line.first == "{" else { return Prompt(text: line, maximumTokens: nil) }
    let value: JSONValue
    do {
      value = try JSONValue(parsing: Array(line.utf8))
    } catch {
      throw LoadError("Line \(number) of the file of prompts is not JSON: \(error).")
    }
    guard case .object(let object) = value, case .string(let text)? = object["prompt"] else {
      throw LoadError("Line \(number) of the file of prompts has no string \"prompt\".")
    }
    switch object["max_tokens"] {
    case nil, .null?: return Prompt(text: text, maximumTokens: nil)
    case .integer(let limit)? where limit > 0: return Prompt(text: text, maximumTokens: limit)
    default: throw LoadError("Line \(number) of the file of prompts has a bad \"max_tokens\".")
    }
  }

  private static func prefix(_ count: Int, _ seed: UInt64) -> String {
    count > 0 ? words(count, SplitMix64(seed: ~seed)) + " " : ""
  }

  private static func words(_ count: Int, _ random: SplitMix64) -> String {
    var random = random
    return (0..<max(1, count)).map { _ in vocabulary.randomElement(using: &random) ?? "" }
      .joined(separator: " ")
  }

  /// Words so common that most vocabularies have each as one token.
  private static let vocabulary = """
    time year people way day man thing woman life child world school state family student group \
    country problem hand part place case week company system program question work government \
    number night point home water room mother area money story fact month lot right study book \
    eye job word business issue side kind head house service friend father power hour game line \
    end member law car city community name president team minute idea body information back \
    parent face level office door health person art war history party result change morning \
    reason research girl guy moment air teacher force education
    """.split(separator: " ").map(String.init)
}
