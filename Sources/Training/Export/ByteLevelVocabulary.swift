import GPTModel
import JSON
import ModelFiles
import Tokenizers

/// A vocabulary of byte-level pairs, in the forms of both kinds of files.
struct ByteLevelVocabulary {
  /// How text is cut into words, by the name in GGUF files.
  enum Splitting: String {
    /// As GPT-2 does.
    case gpt2 = "gpt-2"
    /// The same with every digit by itself.
    case digits = "smollm"
  }

  /// A control token, or a text that is found as a whole.
  struct Added: Hashable {
    let token: Int
    let text: String
    let isControl: Bool
  }

  /// How text is cut into words.
  let splitting: Splitting
  /// The pieces that are neither added nor unused, by number.
  private(set) var pieces: [Int: String] = [:]
  /// The pairs that merge, in order, each as it is written with a space.
  private(set) var merges: [String] = []
  /// Tokens beside the pieces, by number.
  private(set) var added: [Added] = []

  private static let field = "tokenizer"

  /// Reads a `tokenizer.json`.
  init(document: JSONValue) throws(TrainingError) {
    guard case .object(let object) = document, case .object(let model)? = object["model"],
      case .object(let vocabulary)? = model["vocab"], case .array(let merges)? = model["merges"],
      let splitting = Self.splitting(object["pre_tokenizer"])
    else { throw Self.refuse("tokenizer.json") }
    self.splitting = splitting
    for member in vocabulary.members {
      guard case .integer(let token) = member.value else { throw Self.refuse(member.name) }
      pieces[token] = member.name
    }
    for merge in merges { self.merges.append(try Self.pair(merge)) }
    guard case .array(let added)? = object["added_tokens"] else { return }
    for entry in added { self.added.append(try Self.added(entry)) }
    for entry in self.added { pieces[entry.token] = nil }
  }

  private static func pair(_ merge: JSONValue) throws(TrainingError) -> String {
    switch merge {
    case .string(let text): return text
    case .array(let parts):
      guard parts.count == 2, case .string(let left) = parts[0], case .string(let right) = parts[1]
      else { throw refuse("a merge") }
      return "\(left) \(right)"
    default: throw refuse("a merge")
    }
  }

  private static func added(_ entry: JSONValue) throws(TrainingError) -> Added {
    guard case .object(let entry) = entry, case .integer(let token)? = entry["id"],
      case .string(let text)? = entry["content"]
    else { throw refuse("an added token") }
    let isControl = if case .bool(true)? = entry["special"] { true } else { false }
    return Added(token: token, text: text, isControl: isControl)
  }

  /// How a document cuts text; nil for ways that are not written again.
  private static func splitting(_ value: JSONValue?) -> Splitting? {
    guard case .object(let object)? = value else { return nil }
    if cutsAsGPT2(object) { return .gpt2 }
    guard case .array(let steps)? = object["pretokenizers"], steps.count == 2,
      case .object(let digits) = steps[0], case .object(let bytes) = steps[1],
      digits["type"] == .string("Digits"), digits["individual_digits"] == .bool(true)
    else { return nil }
    return cutsAsGPT2(bytes) ? .digits : nil
  }

  private static func cutsAsGPT2(_ step: JSONObject) -> Bool {
    step["type"] == .string("ByteLevel") && step["add_prefix_space"] == .bool(false)
      && step["use_regex"] ?? .bool(true) == .bool(true)
  }

  private static func refuse(_ what: String) -> TrainingError {
    TrainingError(
      .configuration, field: field,
      "\(what) is not of byte-level pairs split as gpt-2 or smollm; write the kind of files it came from"
    )
  }

  /// Reads the metadata of a GGUF file.
  init(_ metadata: Metadata) throws(TrainingError) {
    func string(_ key: String) -> String? {
      if case .string(let text)? = metadata[key]?.value { text } else { nil }
    }
    guard string("tokenizer.ggml.model") == "gpt2",
      let splitting = string("tokenizer.ggml.pre").flatMap(Splitting.init),
      case .strings(let tokens)? = metadata["tokenizer.ggml.tokens"]?.value,
      case .strings(let merges)? = metadata["tokenizer.ggml.merges"]?.value,
      case .numbers(let kinds)? = metadata["tokenizer.ggml.token_type"]?.value,
      kinds.count == tokens.count
    else { throw Self.refuse("the vocabulary") }
    self.splitting = splitting
    self.merges = Array(merges)
    for token in tokens.indices {
      let kind: Int =
        switch kinds[token] {
        case .signed(let number): Int(clamping: number)
        case .unsigned(let number): Int(clamping: number)
        default: 0
        }
      switch kind {
      case 1: pieces[token] = tokens[token]
      case 3, 4: added.append(Added(token: token, text: tokens[token], isControl: kind == 3))
      default: continue
      }
    }
  }

  /// The `tokenizer.json`.
  var document: JSONValue {
    var vocabulary = JSONObject()
    for (token, piece) in pieces.sorted(by: { $0.key < $1.key }) {
      vocabulary[piece] = .integer(token)
    }
    return BytePairVocabulary.document(
      vocabulary: vocabulary,
      merges: merges.map { merge in
        .array(merge.split(separator: " ", maxSplits: 1).map { .string(String($0)) })
      },
      added: added.map { (token: $0.token, text: $0.text, isControl: $0.isControl) },
      isolatesDigits: splitting == .digits)
  }

  /// Adds the entries of a GGUF file.
  ///
  /// - Parameter rows: Rows of the embedding; numbers without a piece become unused tokens.
  func write(to writer: inout GGUFWriter, rows: Int) {
    let byToken = Dictionary(added.map { ($0.token, $0) }) { first, _ in first }
    writer.add("tokenizer.ggml.model", .string("gpt2"))
    writer.add("tokenizer.ggml.pre", .string(splitting.rawValue))
    writer.add(
      "tokenizer.ggml.tokens",
      .strings((0..<rows).map { pieces[$0] ?? byToken[$0]?.text ?? "<unused\($0)>" }))
    writer.add(
      "tokenizer.ggml.token_type",
      .integers(
        (0..<rows).map { token in
          if let added = byToken[token] { return added.isControl ? 3 : 4 }
          return pieces[token] == nil ? 5 : 1
        }))
    writer.add("tokenizer.ggml.merges", .strings(merges))
  }
}
