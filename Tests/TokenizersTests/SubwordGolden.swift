import Foundation
import JSON
import Tokenizers

/// Small vocabularies of every kind and the reference's tokens (see subword.py).
struct SubwordGolden {
  /// What a reference makes of the texts.
  struct Expected {
    let texts: [String]
    let special: [[Token]]
    let plain: [[Token]]
    let decoded: [String]
  }

  private let root: JSONObject

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Goldens/subword.json")
    root = try JSONValue(parsing: Array(Data(contentsOf: file)), limits: .golden).members
  }

  /// Texts and their composed form.
  var composed: [[String]] { root.values("composed").map { $0.elements.map(\.text) } }

  /// The `tokenizer.json` of a name.
  func document(_ name: String) -> JSONObject {
    root.object("documents").object(name).object("tokenizer")
  }

  func expected(_ group: String, _ name: String) -> Expected {
    let golden = root.object(group).object(name)
    return Expected(
      texts: root.values(group == "models" ? "short" : "texts").map(\.text),
      special: golden.values("special").map(\.tokens), plain: golden.values("plain").map(\.tokens),
      decoded: golden.values("text").map(\.text))
  }

  /// The parts of a model of SentencePiece.
  func model(_ name: String) -> SentencePieceDraft {
    let golden = root.object("models").object(name)
    let kinds: [TokenKind] = [.normal, .unknown, .control, .userDefined, .unused, .byte]
    return SentencePieceDraft(
      pieces: golden.values("pieces").map(\.text),
      kinds: golden.values("kinds").map { kinds[$0.integer - 1] },
      scores: golden.values("scores").map { Float($0.number) },
      addsSpacePrefix: golden["prefix"] == .bool(true))
  }
}

/// The parts of a SentencePiece vocabulary, to be changed before it is made.
struct SentencePieceDraft {
  var pieces: [String]
  var kinds: [TokenKind]
  var scores: [Float]
  var addsSpacePrefix = false
  var marks = SequenceMarks()

  func tokenizer() throws(VocabularyError) -> Tokenizer {
    try Tokenizer(
      Vocabulary(
        pieces: pieces, kinds: kinds, scores: scores, addsSpacePrefix: addsSpacePrefix,
        marks: marks))
  }
}

extension JSONLimits {
  /// What a golden file, or a published tokenizer, may need.
  static let golden = JSONLimits(values: 10_000_000)
}

extension JSONObject {
  func object(_ name: String) -> JSONObject { self[name]?.members ?? JSONObject() }
  func values(_ name: String) -> [JSONValue] { self[name]?.elements ?? [] }

  /// The object with one member changed, or removed if nil.
  func with(_ name: String, _ value: JSONValue?) -> JSONObject {
    var object = self
    object[name] = value
    return object
  }
}

extension JSONValue {
  /// The value of a JSON text.
  init(_ text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8), limits: JSONLimits(depth: 200, values: 10_000))
  }

  var members: JSONObject { if case .object(let object) = self { object } else { JSONObject() } }
  var elements: [JSONValue] { if case .array(let array) = self { array } else { [] } }
  var text: String { if case .string(let text) = self { text } else { "" } }
  var integer: Int { if case .integer(let integer) = self { integer } else { 0 } }
  var number: Double { if case .number(let number) = self { number } else { Double(integer) } }
  var tokens: [Token] { elements.map { Token($0.integer) } }
}
