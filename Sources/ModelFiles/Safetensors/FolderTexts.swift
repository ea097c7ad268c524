internal import Crypto
import JSON

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
  private static let templateFile = "chat_template.jinja"
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
    digests[name] = FileDigest(SHA256.hash(data: bytes))
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

  /// The template of a conversation: a file of its own, or a member of `tokenizer_config.json`.
  ///
  /// - Parameter configuration: `tokenizer_config.json`, where there is one.
  mutating func chatTemplate(_ configuration: JSONObject?) throws(ModelError) -> String? {
    if let bytes = try optional(Self.templateFile) {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw ModelError(.invalid, field: Self.templateFile, "the file is not UTF-8")
      }
      return text
    }
    switch configuration?["chat_template"] {
    case .string(let text): return text
    case .array(let templates): return Self.defaultTemplate(templates)
    default: return nil
    }
  }

  /// Of several named templates the one called `default`.
  private static func defaultTemplate(_ templates: [JSONValue]) -> String? {
    for case .object(let template) in templates where template["name"] == .string("default") {
      if case .string(let text)? = template["template"] { return text }
    }
    return nil
  }

  private mutating func optionalObject(_ name: String) throws(ModelError) -> JSONObject? {
    guard let bytes = try optional(name) else { return nil }
    return try JSONFile.object(bytes, file: name, limits: Self.smallLimits)
  }
}
