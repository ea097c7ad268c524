import ChatTemplates
import ModelFiles
public import Tensor
import Tokenizers

/// A model in memory: its weights, its vocabulary and its chat template. Never changes.
public final class LanguageModel: Sendable {
  /// How far loading has come.
  public struct LoadingProgress: Sendable, Hashable {
    /// Bytes of the file read and repacked.
    public let bytes: UInt64
    /// Bytes of the file.
    public let totalBytes: UInt64
  }

  /// What loading may be told.
  public struct LoadingOptions: Sendable {
    /// The name that clients use; nil for the one in the file.
    public var name: String?
    /// The SHA-256 that the file must have, in hexadecimal; nil to accept any.
    public var sha256: String?
    /// Threads that repack weights; nil for as many as this process may use.
    public var threads: Int?
    /// The instruction set used to repack; nil for the best that this machine runs.
    public var instructionSet: InstructionSet?
    /// Called from the loading thread as bytes are read.
    public var progress: (@Sendable (LoadingProgress) -> Void)?

    /// Creates the defaults.
    public init() {}
  }

  /// The name that clients use.
  public let name: String
  /// Other names that clients may use: the file's, and the one inside it.
  public let aliases: [String]
  /// The architecture's name in the file.
  public let architectureName: String
  /// The vocabulary.
  public let tokenizer: Tokenizer
  /// The chat template, where the file has one that can be read.
  public let chatTemplate: ChatTemplate?
  /// Why the file's chat template cannot be used, where that is so.
  public let chatTemplateError: TemplateError?
  /// The SHA-256 of the file, in hexadecimal.
  public let sha256: String
  /// How many weights there are.
  public let parameterCount: Int
  /// Bytes of the weights as the kernels read them.
  public let weightBytes: Int
  /// How long loading took, and what took it.
  public let loadingTimes: LoadingTimes
  package let shape: ModelShape
  private let architecture: any Architecture
  private let weights: ModelWeights

  /// Positions that the model was made for, C.
  public var contextLength: Int { shape.contextLength }

  /// Names this model and its weights: equal only for equal files.
  public var fingerprint: String { "fp_" + sha256.prefix(10) }

  /// The weights by use and format.
  package var weightGroups: [WeightGroup] { weights.groups }

  private init(
    path: String, options: LoadingOptions, open: () throws(ModelError) -> ModelFile
  ) throws {
    var stopwatch = LoadingTimes.Stopwatch()
    let file = try open()
    let metadata = file.header.metadata
    architectureName = try metadata.string("general.architecture", atMost: 64)
    architecture = try Architectures.named(architectureName).init(file.header)
    shape = architecture.shape
    try ModelTensors(file.header.tensors).check(expected: architecture.tensors)
    tokenizer = try Tokenizer(metadata)
    (chatTemplate, chatTemplateError) = try Self.chatTemplate(metadata, tokenizer: tokenizer)

    let pool = Compute(
      processor: try Processor(limit: options.instructionSet),
      threads: options.threads ?? Processor.usableThreads().count
    ).pool
    var weights = ModelWeights()
    stopwatch.endHeader()
    let digest = try file.read(
      expecting: try options.sha256.map(Self.digest),
      progress: { options.progress?(LoadingProgress(bytes: $0, totalBytes: $1)) },
      visit: { tensor, data in
        try stopwatch.packing { try weights.add(tensor, data: data, pool: pool) }
      })
    loadingTimes = stopwatch.finish()
    sha256 = digest.description
    self.weights = weights
    weightBytes = weights.byteCount
    parameterCount = file.header.tensors.reduce(0) { $0 + $1.elementCount }
    (name, aliases) = Self.names(metadata, path: path, wanted: options.name)
  }

  /// Reads a GGUF file, checking everything in it.
  ///
  /// - Throws: `ModelError` when the file is not sound or not supported, `TensorError` when memory
  ///   cannot be had.
  public static func load(path: String, options: LoadingOptions = LoadingOptions()) throws
    -> LanguageModel
  {
    try LanguageModel(path: path, options: options) { () throws(ModelError) in
      try ModelFile(path: path, types: .supported)
    }
  }

  /// Reads a GGUF file from any source of bytes.
  package static func load(
    source: any ByteSource, options: LoadingOptions = LoadingOptions()
  ) throws -> LanguageModel {
    try LanguageModel(path: "memory", options: options) { () throws(ModelError) in
      try ModelFile(source: source, types: .supported)
    }
  }

  /// Reads nothing but the vocabulary of a file.
  ///
  /// - Throws: `ModelError` when the header or the vocabulary is not sound.
  public static func loadTokenizer(path: String) throws(ModelError) -> Tokenizer {
    let file = try ModelFile(path: path, types: .supported)
    return try Tokenizer(file.header.metadata)
  }

  /// Turns a conversation into a request for its next message.
  ///
  /// - Throws: `ModelError` when the file has no usable chat template, `TemplateError` when the
  ///   template refuses the conversation.
  public func request(
    for messages: [ChatMessage], sampling: SamplingParameters = SamplingParameters(),
    stop: StopCondition = StopCondition()
  ) throws -> GenerationRequest {
    guard let chatTemplate else {
      throw ModelError(
        .missing, field: "tokenizer.chat_template",
        chatTemplateError?.description ?? "the file has no chat template")
    }
    var options = ChatTemplate.Options()
    options.vouchedRoles = ["system", "user", "assistant", "tool"]
    let prompt = try chatTemplate.render(messages, options: options)
    return GenerationRequest(prompt: tokenizer.encode(prompt), sampling: sampling, stop: stop)
  }

  /// Puts a decoder together that computes with the given kernels and threads.
  package func makeDecoder(capacity: DecoderCapacity, compute: Compute) throws -> any Decoder {
    try architecture.makeDecoder(weights: weights, capacity: capacity, compute: compute)
  }

  private static func chatTemplate(_ metadata: Metadata, tokenizer: Tokenizer) throws(ModelError)
    -> (ChatTemplate?, TemplateError?)
  {
    guard
      let source = try metadata.stringIfPresent("tokenizer.chat_template")
    else { return (nil, nil) }
    var special: [String: String] = [:]
    special["bos_token"] = tokenizer.beginningOfSequence.flatMap(tokenizer.specialText(of:))
    special["eos_token"] = tokenizer.endOfSequence.flatMap(tokenizer.specialText(of:))
    do {
      return (try ChatTemplate(source: source, specialTokens: special), nil)
    } catch {
      return (nil, error)
    }
  }

  private static func digest(_ text: String) throws(ModelError) -> FileDigest {
    if let digest = FileDigest(hexadecimal: text) { return digest }
    throw ModelError(.invalid, field: "sha256", "'\(text.prefix(64))' is not 64 hexadecimal digits")
  }

  private static func names(_ metadata: Metadata, path: String, wanted: String?)
    -> (String, [String])
  {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let stem = file.hasSuffix(".gguf") ? String(file.dropLast(5)) : file
    func text(_ key: String) -> String? {
      guard case .string(let value)? = metadata[key]?.value, !value.isEmpty else { return nil }
      return value
    }
    let candidates = [wanted, text("general.basename"), text("general.name"), stem, file]
    let names = candidates.compactMap { $0 }
    return (names.first ?? file, Array(names.dropFirst()))
  }
}
