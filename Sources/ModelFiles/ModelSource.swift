package import JSON
package import Tensor

/// A model in files of some format: what it is, which tensors it has, and their bytes.
package protocol ModelSource: Sendable {
  /// The format for people, such as `GGUF version 3`.
  var format: String { get }

  /// The format's entries for people, each a key and its value on one line.
  var details: [(key: String, value: String)] { get }

  /// Names that the files give the model, the best first.
  var names: [String] { get }

  /// The hyper-parameters.
  var configuration: any ModelConfiguration { get }

  /// What the files say of the vocabulary.
  var vocabulary: VocabularyFiles { get }

  /// The sources of the chat templates.
  var chatTemplates: ChatTemplateFiles { get }

  /// How the files say that tokens are to be chosen.
  var sampling: SamplingDefaults { get }

  /// What reading the files has come across.
  var notes: LoadingNotes { get }

  /// Hyper-parameters that may change results, and that nobody has read, by the names in the files.
  var unreadKeys: [String] { get }

  /// Bytes of all files together.
  var byteCount: UInt64 { get }

  /// The tensors under their canonical names, in the order in which `read` visits them.
  func tensors(_ naming: TensorNaming) throws(ModelError) -> [SourceTensor]

  /// Reads all files from start to end, hands each tensor's bytes over, and returns their identity.
  ///
  /// The bytes handed to `visit` are valid during the call only. What `visit` has built must be thrown
  /// away when this throws: the identity is known, and compared, after the last tensor.
  ///
  /// - Parameters:
  ///   - naming: How the files' names become canonical ones.
  ///   - digest: The identity that the files must have; nil for any.
  ///   - progress: Receives the bytes read so far and the bytes of all files, every few megabytes.
  ///   - visit: Receives each tensor.
  /// - Throws: A `ModelError`, or what `visit` throws.
  func read(
    _ naming: TensorNaming, expecting digest: FileDigest?, progress: (UInt64, UInt64) -> Void,
    visit: (SourceTensor, UnsafeRawBufferPointer) throws -> Void
  ) throws -> FileDigest
}

/// A tensor of a model, whatever format its file has.
package struct SourceTensor: Sendable {
  /// The canonical name, such as `blk.0.attn_q.weight`.
  package let name: String
  /// The name in the file.
  package let fileName: String
  /// The lengths, the fastest-running first: `[K, N]` for a matrix of N rows.
  package let dimensions: [Int]
  /// How the values are stored.
  package let format: any WeightFormat.Type
  /// Where the values lie in the file.
  package let byteRange: Range<UInt64>
  /// What is to be added to every value, as where a file keeps w for a norm that scales by 1 + w.
  package let offset: Float
  /// How the file orders the rows.
  package var order: RowOrder = []
  /// Whether every value x stands for -exp(x).
  package var isLogarithm = false
  /// Whether it is kept as plain numbers, whatever its shape.
  package var isVector = false
  /// The file, where the model has several.
  package var file: String?

  /// Describes plain numbers in single precision that lie in memory.
  package init(name: String, dimensions: [Int], byteRange: Range<UInt64>) {
    self.init(
      name: name, fileName: name, dimensions: dimensions, format: F32.self, byteRange: byteRange,
      offset: 0)
  }

  /// Describes a tensor whose rows lie as they are multiplied.
  init(
    name: String, fileName: String, dimensions: [Int], format: any WeightFormat.Type,
    byteRange: Range<UInt64>, offset: Float
  ) {
    self.name = name
    self.fileName = fileName
    self.dimensions = dimensions
    self.format = format
    self.byteRange = byteRange
    self.offset = offset
  }

  /// The number of the layer that it belongs to, by its canonical name; nil outside of layers.
  package var layer: Int? {
    let parts = name.split(separator: ".", maxSplits: 2)
    return parts.count == 3 && parts[0] == "blk" ? Int(parts[1]) : nil
  }

  /// The number of values.
  package var elementCount: Int { dimensions.reduce(1, *) }

  /// The same values in another shape.
  func with(dimensions: [Int]) -> SourceTensor {
    var tensor = SourceTensor(
      name: name, fileName: fileName, dimensions: dimensions, format: format,
      byteRange: byteRange, offset: offset)
    (tensor.order, tensor.isLogarithm, tensor.isVector) = (order, isLogarithm, isVector)
    return tensor
  }
}

/// How a file orders the rows of a tensor; none of it where they lie as they are multiplied.
package struct RowOrder: OptionSet, Sendable, Hashable {
  package let rawValue: Int

  package init(rawValue: Int) {
    self.rawValue = rawValue
  }

  /// As columns: the file has the matrix of a product x · W where others have Wᵀ.
  package static let transposed = RowOrder(rawValue: 1)
  /// Of what is fused the rows of one key-value head after those of another: the queries that share it,
  /// its key, its value.
  package static let byHead = RowOrder(rawValue: 2)
  /// Of what is fused a row of the first after the other with one of the second.
  package static let alternating = RowOrder(rawValue: 4)
}

/// The sources of chat templates in a model's files.
package struct ChatTemplateFiles: Sendable, Hashable {
  /// The template of conversations; nil where there is none.
  package var usual: String?
  /// Another for those that have tools; nil where there is none.
  package var forTools: String?
  /// All templates by their names.
  package var named: [String: String] = [:]

  /// Names both.
  package init(usual: String? = nil, forTools: String? = nil) {
    self.usual = usual
    self.forTools = forTools
  }

  /// Picks from named templates.
  ///
  /// - Parameter notes: Learns where a template is taken under another name than is usual.
  init(named templates: [(name: String, source: String)], notes: LoadingNotes) {
    // Editors leave a mark of the order of bytes in front of what they save.
    let templates = templates.map { template in
      let isMarked = template.source.unicodeScalars.first == "\u{FEFF}"
      let scalars = template.source.unicodeScalars.dropFirst(isMarked ? 1 : 0)
      return (name: template.name, source: String(String.UnicodeScalarView(scalars)))
    }
    for template in templates where named[template.name] == nil {
      named[template.name] = template.source
    }
    forTools = templates.first { $0.name == "tool_use" }?.source
    usual = templates.first { $0.name == "default" }?.source
    if usual == nil, let other = templates.first {
      usual = other.source
      let all = templates.map { $0.name.prefix(40) }.joined(separator: ", ")
      notes.warn(
        "chat template", "none is the default of \(all); \(other.name.prefix(40)) is taken")
    }
  }
}

/// How files say that tokens are to be chosen; what is nil they leave open.
package struct SamplingDefaults: Sendable, Hashable {
  /// What logits are divided by.
  package var temperature: Double?
  /// Tokens that are kept; 0 for all.
  package var topK: Int?
  /// The probability that tokens are kept up to.
  package var topP: Double?
  /// The least probability of tokens that are kept, as a share of the most likely one's.
  package var minP: Double?
  /// What divides the logits of tokens that were there before.
  package var repetitionPenalty: Double?

  /// Leaves all open.
  package init() {}

  /// These, and what others say where these leave it open.
  package func completed(by others: SamplingDefaults) -> SamplingDefaults {
    var defaults = self
    defaults.temperature = temperature ?? others.temperature
    defaults.topK = topK ?? others.topK
    defaults.topP = topP ?? others.topP
    defaults.minP = minP ?? others.minP
    defaults.repetitionPenalty = repetitionPenalty ?? others.repetitionPenalty
    return defaults
  }
}

/// What files say of a vocabulary.
package enum VocabularyFiles: Sendable {
  /// The metadata of a GGUF file.
  case gguf(Metadata)
  /// A `tokenizer.json` and what stands beside it.
  case folder(TokenizerFiles)
}

/// The files of a folder that describe a tokenizer.
package struct TokenizerFiles: Sendable {
  /// The file that has the vocabulary.
  package enum Document: Sendable {
    /// `tokenizer.json`.
    case tokenizer(JSONValue)
    /// `tekken.json`.
    case tekken(JSONValue)
    /// A list of ranked pieces, or a model of SentencePiece, and what the file is called.
    case model([UInt8], file: String)
  }

  /// The file that has the vocabulary.
  package let tokenizer: Document
  /// `tokenizer_config.json`, where there is one.
  package let configuration: JSONObject?
  /// Tokens that end an answer: `eos_token_id` of `generation_config.json` and of `config.json`.
  package let ends: [Int]
  /// Rows of the embedding; those beyond the tokenizer's entries stand for no token.
  package let rows: Int
}
