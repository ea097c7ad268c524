import ChatTemplates
package import JSON
import Platform
import Tokenizers

/// `apus corpus`: makes a corpus up, turns texts into tokens, and shows what a file of tokens has.
package struct CorpusWork {
  private let folder: WorkFolder

  /// The names of the files of a folder that was made up.
  package enum Names {
    package static let texts = "texts.jsonl"
    package static let dialogues = "dialogues.jsonl"
    package static let pairs = "pairs.jsonl"
    package static let rehearsals = "rehearsals.jsonl"
    package static let questions = "questions.jsonl"
    static let tokens = "corpus.tokens"
    static let tokenizer = "tokenizer.json"
  }

  /// Names the file system.
  package init(_ folder: WorkFolder = WorkFolder()) {
    self.folder = folder
  }

  /// Makes up texts, dialogues, pairs and questions.
  ///
  /// - Returns: What was made, a line each.
  package func generate(
    seed: UInt64, sizes: CorpusGenerator.Sizes, into path: String
  ) throws(TrainingError) -> [String] {
    let made = try CorpusGenerator(seed: seed, sizes: sizes).make()
    let texts = made.texts.map { text in
      var json = JSONWriter()
      json.object { $0.member("text", text) }
      return json.bytes
    }
    try folder.write(
      [
        Names.texts: texts.file, Names.dialogues: made.dialogues.map(\.line).file,
        Names.pairs: made.pairs.map(\.line).file,
        Names.rehearsals: made.rehearsals.map(\.line).file,
        Names.questions: made.questions.map(\.line).file,
      ], into: path)
    let distinct = Set(made.dialogues).count
    return [
      "\(Names.texts): \(made.texts.count) texts",
      "\(Names.dialogues): \(made.dialogues.count) dialogues, \(distinct) of them distinct",
      "\(Names.pairs): \(made.pairs.count) pairs",
      "\(Names.rehearsals): \(made.rehearsals.count) questions to be rewarded for",
      "\(Names.questions): \(made.questions.count) questions that are held out",
    ]
  }

  /// Learns a vocabulary from texts, and writes them as tokens.
  ///
  /// - Parameters:
  ///   - paths: Files of `{"text": …}` or `{"messages": …}` on each line, or of plain text whose documents are
  ///     separated by empty lines.
  ///   - vocabulary: Entries, control tokens among them.
  package func tokenize(
    _ paths: [String], vocabulary: Int, into path: String
  ) throws -> [String] {
    var texts: [String] = []
    for path in paths { texts += try self.texts(path) }
    guard let splitter = TextSplitters.named("smollm") else { return [] }
    var trainer = BytePairTrainer(splitter: splitter)
    for text in texts { try trainer.add(text) }
    let controls = NewModel.controls
    let learned = try trainer.train(vocabulary: vocabulary - controls.count)
    let document = learned.document(controls: controls)
    var json = JSONWriter()
    json.value(document)
    let tokenizer = try NewModel.tokenizer(document)
    var corpus = try TokenCorpus(
      vocabulary: learned.pieces.count + controls.count,
      vocabularyDigest: SHA256.hash(json.bytes))
    let mark = tokenizer.documentStart.map { [UInt32($0)] } ?? []
    for text in texts { try corpus.append(mark + tokenizer.encode(text).map { UInt32($0) } + mark) }
    try folder.write(
      [Names.tokenizer: json.bytes, Names.tokens: corpus.encoded()], into: path)
    return describe(corpus, bytes: texts.reduce(0) { $0 + $1.utf8.count })
  }

  /// The corpus and the tokenizer of a folder.
  package func read(_ path: String) throws(TrainingError) -> (TokenCorpus, JSONValue) {
    let corpus = try TokenCorpus(decoding: folder.files.read("\(path)/\(Names.tokens)"))
    let bytes = try folder.files.read("\(path)/\(Names.tokenizer)")
    guard SHA256.hash(bytes) == corpus.vocabularyDigest else {
      throw TrainingError(
        .corrupt, field: Names.tokenizer, "the corpus was made with another vocabulary")
    }
    do throws(JSONError) {
      return (
        corpus, try JSONValue(parsing: bytes, limits: JSONLimits(depth: 16, values: 1 << 20))
      )
    } catch {
      throw TrainingError(.corrupt, field: Names.tokenizer, "\(error)")
    }
  }

  /// What a folder of tokens has, a line each.
  package func inspect(_ path: String) throws -> [String] {
    let (corpus, document) = try read(path)
    let tokenizer = try NewModel.tokenizer(document)
    let bytes = corpus.tokens.reduce(0) { $0 + tokenizer.textBytes(of: Token(clamping: $1)).count }
    return describe(corpus, bytes: bytes)
  }

  private func describe(_ corpus: TokenCorpus, bytes: Int) -> [String] {
    let perToken = Double(bytes * 100 / max(corpus.tokens.count, 1)) / 100
    return [
      "\(corpus.ends.count) documents", "\(corpus.tokens.count) tokens",
      "\(corpus.vocabulary) entries in the vocabulary", "\(perToken) bytes a token",
    ]
  }

  /// The texts of a file.
  package func texts(_ path: String) throws(TrainingError) -> [String] {
    let bytes = try folder.files.read(path)
    guard path.hasSuffix(".jsonl") else {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw TrainingError(.data, field: path, "the file is not UTF-8")
      }
      return text.split(separator: "\n\n").map(String.init)
    }
    var texts: [String] = []
    try JSONLines.forEach(in: bytes, file: path) { object, place throws(TrainingError) in
      if object["messages"] == nil {
        texts.append(try object.text("text", place))
      } else {
        let messages = try Dialogue(object, place).messages
        texts.append(messages.map(\.content).joined(separator: "\n"))
      }
    }
    return texts
  }
}
