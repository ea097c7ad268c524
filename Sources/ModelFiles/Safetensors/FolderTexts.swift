import JSON
import Platform

/// Reads the small files of a folder, and keeps their hashes.
struct FolderTexts {
  /// The hash of each file read.
  private(set) var digests: [String: FileDigest] = [:]
  private let folder: any ModelFolder

  private static let tokenizerFile = "tokenizer.json"
  private static let tekkenFile = "tekken.json"
  /// Vocabularies that are no JSON, under the names by which they are published.
  private static let tokenizerModelFiles = [
    "tokenizer.model", "spiece.model", "tiktoken.model", "qwen.tiktoken",
  ]
  private static let tokenizerConfigurationFile = "tokenizer_config.json"
  private static let generationFile = "generation_config.json"
  /// Files that are a template each, and what it is called.
  private static let templateFiles = [
    ("default", "chat_template.jinja"), ("tool_use", "additional_chat_templates/tool_use.jinja"),
  ]
  private static let processorTemplateFile = "chat_template.json"
  /// The most values of a `tokenizer.json`: merges as pairs take three each.
  private static let tokenizerLimits = JSONLimits(depth: 32, values: 8 << 20)
  private static let smallLimits = JSONLimits(depth: 32, values: 200_000)

  init(_ folder: any ModelFolder) {
    self.folder = folder
  }

  /// Reads a file that must be there.
  mutating func required(_ name: String) throws(ModelError) -> [UInt8] {
    guard let bytes = try optional(name) else {
      throw ModelError(
        .missing, field: name,
        "the folder has no such file; a model's folder has config.json, tokenizer.json and"
          + " safetensors, as `hf download OWNER/NAME --local-dir FOLDER` leaves them")
    }
    return bytes
  }

  /// Reads a file; nil where there is none.
  mutating func optional(_ name: String) throws(ModelError) -> [UInt8]? {
    guard let bytes = try folder.read(name) else { return nil }
    digests[name] = FileDigest(SHA256.hash(bytes))
    return bytes
  }

  /// Reads the files that describe the tokenizer.
  ///
  /// - Parameter embeddingRows: Rows of the embedding, for configurations that do not say.
  mutating func tokenizer(
    _ configuration: FolderConfiguration, embeddingRows: Int?
  ) throws(ModelError) -> TokenizerFiles {
    let rows = try configuration.vocabularySize(default: embeddingRows)
    guard rows <= 1 << 24 else {
      throw ModelError(.limit, field: "embed_tokens.weight", "\(rows) rows; at most \(1 << 24)")
    }
    let tokenizer = try tokenizerDocument()
    var ends = try configuration.ends()
    if let object = try optionalObject(Self.generationFile) {
      ends += try FolderConfiguration.tokens(
        object["eos_token_id"], "\(Self.generationFile): eos_token_id")
    }
    return TokenizerFiles(
      tokenizer: tokenizer, configuration: try optionalObject(Self.tokenizerConfigurationFile),
      ends: ends, rows: rows)
  }

  /// The vocabulary: `tokenizer.json`, else what stands in a folder that has none.
  private mutating func tokenizerDocument() throws(ModelError) -> TokenizerFiles.Document {
    let found = try optional(Self.tokenizerFile)
    if found == nil, let other = try otherDocument() { return other }
    let bytes: [UInt8]
    if let found { bytes = found } else { bytes = try required(Self.tokenizerFile) }
    return .tokenizer(
      try JSONFile.value(bytes, file: Self.tokenizerFile, limits: Self.tokenizerLimits))
  }

  private mutating func otherDocument() throws(ModelError) -> TokenizerFiles.Document? {
    if let bytes = try optional(Self.tekkenFile) {
      return .tekken(
        try JSONFile.value(bytes, file: Self.tekkenFile, limits: Self.tokenizerLimits))
    }
    for name in Self.tokenizerModelFiles {
      if let bytes = try optional(name) { return .model(bytes, file: name) }
    }
    return nil
  }

  /// The templates of conversations: files of their own, or a member of `tokenizer_config.json`, or of
  /// what processors of pictures have.
  ///
  /// - Parameter configuration: `tokenizer_config.json`, where there is one.
  mutating func chatTemplates(
    _ configuration: JSONObject?, _ notes: LoadingNotes
  ) throws(ModelError) -> ChatTemplateFiles {
    var templates: [(name: String, source: String)] = []
    for (name, file) in Self.templateFiles {
      if let source = try text(file) { templates.append((name, source)) }
    }
    if !templates.contains(where: { $0.name == "default" }) {
      let processor = try optionalObject(Self.processorTemplateFile)
      for value in [configuration?["chat_template"], processor?["chat_template"]] {
        templates += Self.templates(value)
      }
    }
    return ChatTemplateFiles(named: templates, notes: notes)
  }

  /// The templates that a value has: one, or several with names.
  private static func templates(_ value: JSONValue?) -> [(name: String, source: String)] {
    switch value {
    case .string(let text): return [("default", text)]
    case .array(let values):
      return values.compactMap { value in
        guard case .object(let object) = value, case .string(let name)? = object["name"],
          case .string(let source)? = object["template"]
        else { return nil }
        return (name, source)
      }
    default: return []
    }
  }

  /// Reads a file of text; nil where there is none.
  private mutating func text(_ name: String) throws(ModelError) -> String? {
    guard let bytes = try optional(name) else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ModelError(.invalid, field: name, "the file is not UTF-8")
    }
    return text
  }

  /// How `generation_config.json` says that tokens are to be chosen; what is out of range is left open.
  mutating func sampling(_ notes: LoadingNotes) throws(ModelError) -> SamplingDefaults {
    var defaults = SamplingDefaults()
    guard let object = try optionalObject(Self.generationFile) else { return defaults }
    func number(_ name: String, in range: ClosedRange<Double>) -> Double? {
      guard let value = object[name], value != .null else { return nil }
      do {
        return try FolderConfiguration.number(value, name, in: range)
      } catch {
        notes.warn("\(Self.generationFile): \(name)", "\(error.detail); the usual value is taken")
        return nil
      }
    }
    defaults.temperature = number("temperature", in: 0...2)
    defaults.topK = number("top_k", in: 0...1e6).map { Int($0) }
    defaults.topP = number("top_p", in: 1e-6...1)
    defaults.minP = number("min_p", in: 0...1)
    defaults.repetitionPenalty = number("repetition_penalty", in: 1e-3...100)
    return defaults
  }

  /// Reads a small file of JSON; nil where there is none.
  mutating func optionalValue(_ name: String) throws(ModelError) -> JSONValue? {
    guard let bytes = try optional(name) else { return nil }
    return try JSONFile.value(bytes, file: name, limits: Self.smallLimits)
  }

  /// Reads a small file that is an object; nil where there is none.
  mutating func optionalObject(_ name: String) throws(ModelError) -> JSONObject? {
    guard let bytes = try optional(name) else { return nil }
    return try JSONFile.object(bytes, file: name, limits: Self.smallLimits)
  }
}
