/// A `tokenizer.model` of SentencePiece.
struct SentencePieceFile {
  private(set) var pieces: [String] = []
  private(set) var kinds: [TokenKind] = []
  private(set) var scores: [Float] = []
  private(set) var isUnigram = true
  private(set) var beginning: Int?
  private(set) var end: Int?
  private(set) var addsSpacePrefix = true
  private(set) var joinsSpaces = true
  private(set) var characterMap: [UInt8] = []

  /// Reads a file.
  ///
  /// - Throws: An error where the file is no such one, or of a kind that is not supported.
  init(_ bytes: [UInt8]) throws(VocabularyError) {
    var reader = ProtobufReader(bytes[...])
    beginning = 1
    end = 2
    while let (field, value) = try reader.next() {
      guard case .bytes(let message) = value else { continue }
      switch field {
      case 1: try readPiece(message)
      case 2: try readTrainer(message)
      case 3: try readNormalizer(message)
      default: break
      }
    }
    beginning = beginning.flatMap { pieces.indices.contains($0) ? $0 : nil }
    end = end.flatMap { pieces.indices.contains($0) ? $0 : nil }
  }

  private mutating func readPiece(_ message: ArraySlice<UInt8>) throws(VocabularyError) {
    guard pieces.count < Vocabulary.maximumCount else {
      throw VocabularyError(
        .limit, field: .pieces, "more than \(Vocabulary.maximumCount) pieces")
    }
    var piece = ""
    var score: Float = 0
    var kind = UInt64(1)
    var reader = ProtobufReader(message)
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .bytes(let text)):
        guard let text = String(validating: text, as: UTF8.self) else {
          throw fault("is no UTF-8")
        }
        piece = text
      case (2, .word(let bits)): score = Float(bitPattern: bits)
      case (3, .number(let number)): kind = number
      default: break
      }
    }
    let known: [TokenKind] = [.normal, .unknown, .control, .userDefined, .unused, .byte]
    guard kind >= 1, kind <= 6 else { throw fault("is of kind \(kind)") }
    pieces.append(piece)
    scores.append(score)
    kinds.append(known[Int(kind) - 1])
  }

  private func fault(_ detail: String) -> VocabularyError {
    VocabularyError(.invalid, field: .pieces, "piece \(pieces.count) \(detail)")
  }

  private mutating func readTrainer(_ message: ArraySlice<UInt8>) throws(VocabularyError) {
    var reader = ProtobufReader(message)
    while let (field, value) = try reader.next() {
      guard case .number(let number) = value else { continue }
      switch field {
      case 3:
        guard (1...2).contains(number) else {
          throw VocabularyError(
            .unsupported, field: .model,
            "model type \(number) of SentencePiece; 1 (Unigram) and 2 (BPE) are supported")
        }
        isUnigram = number == 1
      case 24 where number != 0:
        throw VocabularyError(
          .unsupported, field: .model, "'treat_whitespace_as_suffix' is not supported")
      // A negative number, which there is none of, is one of ten bytes.
      case 41: beginning = Int(exactly: number)
      case 42: end = Int(exactly: number)
      default: break
      }
    }
  }

  private mutating func readNormalizer(_ message: ArraySlice<UInt8>) throws(VocabularyError) {
    var reader = ProtobufReader(message)
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (2, .bytes(let map)): characterMap = Array(map)
      case (3, .number(let number)): addsSpacePrefix = number != 0
      case (4, .number(let number)): joinsSpaces = number != 0
      default: break
      }
    }
  }
}
