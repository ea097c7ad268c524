package import JSON
import Tokenizers

/// What a trainer learned: pieces, and the merges that make them.
package struct BytePairVocabulary: Sendable, Hashable {
  /// The bytes of each piece, by symbol.
  package private(set) var pieces: [[UInt8]]
  /// The symbols that each merge joins, in order.
  package private(set) var merges: [[Int]] = []

  /// Bytes in the order of the characters that stand for them.
  private static let bytesInOrder: [UInt8] = (UInt8.min...UInt8.max).sorted {
    ByteAlphabet.scalars[Int($0)] < ByteAlphabet.scalars[Int($1)]
  }

  /// The symbol of each byte, [256].
  static let symbolOfByte: [UInt16] = {
    var symbols = [UInt16](repeating: 0, count: 256)
    for (symbol, byte) in bytesInOrder.enumerated() { symbols[Int(byte)] = UInt16(symbol) }
    return symbols
  }()

  /// Has the 256 bytes alone.
  package init() {
    pieces = Self.bytesInOrder.map { [$0] }
  }

  /// Adds the piece that two others make.
  mutating func append(left: Int, right: Int) {
    merges.append([left, right])
    pieces.append(pieces[left] + pieces[right])
  }

  /// The merges as files write them.
  package var spelledMerges: [[String]] {
    merges.map { $0.map { ByteAlphabet.piece(for: pieces[$0]) } }
  }

  /// The `tokenizer.json` of the vocabulary, split as `smollm` does, with control tokens after the pieces.
  package func document(controls: [String] = []) -> JSONValue {
    var vocabulary = JSONObject()
    for (symbol, piece) in pieces.enumerated() {
      vocabulary[ByteAlphabet.piece(for: piece)] = .integer(symbol)
    }
    let merges = spelledMerges.map { JSONValue.array($0.map(JSONValue.string)) }
    return Self.document(
      vocabulary: vocabulary, merges: merges,
      added: controls.enumerated().map { number, text in
        (token: pieces.count + number, text: text, isControl: true)
      })
  }

  /// The `tokenizer.json` of pieces by number, of merges, and of tokens beside the pieces.
  static func document(
    vocabulary: JSONObject, merges: [JSONValue],
    added: [(token: Int, text: String, isControl: Bool)], isolatesDigits: Bool = true
  ) -> JSONValue {
    let model = JSONObject([
      ("type", .string("BPE")), ("vocab", .object(vocabulary)),
      ("merges", .array(merges)),
    ])
    let byteLevel = JSONObject([
      ("type", .string("ByteLevel")), ("add_prefix_space", .bool(false)),
      ("trim_offsets", .bool(true)), ("use_regex", .bool(true)),
    ])
    let digits = JSONObject([("type", .string("Digits")), ("individual_digits", .bool(true))])
    let splitting = JSONObject([
      ("type", .string("Sequence")),
      ("pretokenizers", .array([.object(digits), .object(byteLevel)])),
    ])
    return .object(
      JSONObject([
        ("version", .string("1.0")), ("added_tokens", .array(added.map(entry))),
        ("normalizer", .null), ("pre_tokenizer", .object(isolatesDigits ? splitting : byteLevel)),
        ("decoder", .object(byteLevel)), ("model", .object(model)),
      ]))
  }

  private static func entry(_ added: (token: Int, text: String, isControl: Bool)) -> JSONValue {
    .object(
      JSONObject([
        ("id", .integer(added.token)), ("content", .string(added.text)),
        ("single_word", .bool(false)), ("lstrip", .bool(false)), ("rstrip", .bool(false)),
        ("normalized", .bool(false)), ("special", .bool(added.isControl)),
      ]))
  }
}

extension JSONObject {
  /// Has members in order; the names differ.
  init(_ members: [(String, JSONValue)]) {
    self.init()
    for (name, value) in members { self[name] = value }
  }
}
