import ChatTemplates
import ModelFiles
import Platform
import Synchronization
public import Tensor
import Tokenizers

/// A model in memory: its weights, its vocabulary and its chat template. Never changes.
public final class LoadedModel: Sendable {
  /// How far loading has come.
  public struct LoadingProgress: Sendable, Hashable {
    /// Bytes of the files read and repacked.
    public let bytes: UInt64
    /// Bytes of the files.
    public let totalBytes: UInt64
  }

  /// What loading may be told.
  public struct LoadingOptions: Sendable {
    /// The name that clients use; nil for the one in the files.
    public var name: String?
    /// The SHA-256 that the model must have, in hexadecimal; nil to accept any.
    public var sha256: String?
    /// Threads that repack weights; nil for as many as this process may use.
    public var threads: Int?
    /// The instruction set used to repack; nil for the best that this machine runs.
    public var instructionSet: InstructionSet?
    /// Bytes that the weights may take; nil for all the memory that this process may use.
    public var memoryBytes: Int?
    /// What an engine will use that the model is for: where that has a bound of memory, it is kept before
    /// the weights are read. Nil to look at the weights alone.
    public var engine: EngineConfiguration?
    /// How tokens are chosen where nobody says otherwise; what is left open the files say.
    package var sampling = SamplingDefaults()
    /// The chat template in place of that in the files; nil for that in the files.
    public var chatTemplate: ChatTemplateChoice?
    /// Called from the loading thread as bytes are read.
    public var progress: (@Sendable (LoadingProgress) -> Void)?
    /// The architectures that the model may have.
    package var architectures = Architectures.all

    /// Creates the defaults.
    public init() {}
  }

  /// The name that clients use.
  public let name: String
  /// Other names that clients may use: the file's or folder's, and those inside it.
  public let aliases: [String]
  /// The architecture's name in the files.
  public let architectureName: String
  /// The vocabulary.
  public let tokenizer: Tokenizer
  /// The chat template, where the model has one that can be read.
  public let chatTemplate: ChatTemplate?
  /// Why the model's chat template cannot be used, where that is so.
  public let chatTemplateError: TemplateError?
  /// The chat template of conversations with tools, where the model has one of its own for them.
  public let toolTemplate: ChatTemplate?
  /// How the model's files say that tokens are to be chosen.
  package let samplingDefaults: SamplingDefaults
  /// What of the files was read otherwise than it is written, or not at all.
  public let warnings: [ModelWarning]
  /// The SHA-256 of the file, or of the names and hashes of a folder's files, in hexadecimal.
  public let sha256: String
  /// How many weights there are.
  public let parameterCount: Int
  /// Bytes of the weights as the kernels read them.
  public let weightBytes: Int
  /// How long loading took, and what took it.
  public let loadingTimes: LoadingTimes
  /// What the network is made of.
  package let spec: TransformerSpec
  /// What files call the tensors.
  let naming: TensorNaming
  /// What the files say of vectors of texts.
  let modules: TextModules
  private let weights: ModelWeights
  /// The text of the chat template of conversations with tools.
  private let templateSource: String
  /// How answers are written, once that was asked.
  private let foundStyle = Mutex<AnswerStyle?>(nil)
  /// Compiles forms of answers for the vocabulary.
  let constraints: ConstraintCompiler

  /// Positions that the model was made for, C.
  public var contextLength: Int { spec.contextLength }

  /// Names this model and its weights: equal only for equal files.
  public var fingerprint: String { "fp_" + sha256.prefix(10) }

  /// How tokens are chosen where nobody says otherwise: as the model's files say, else from its own
  /// distribution.
  public var usualSampling: SamplingParameters {
    var parameters = SamplingParameters()
    parameters.apply(samplingDefaults)
    return parameters
  }

  /// How the model writes answers and wants conversations; found out when it is asked first.
  package var style: AnswerStyle {
    foundStyle.withLock { found in
      if let found { return found }
      let style = AnswerStyle(
        template: toolTemplate ?? chatTemplate, source: templateSource, tokenizer: tokenizer)
      found = style
      return style
    }
  }

  /// The weights by use and format.
  package var weightGroups: [WeightGroup] { weights.groups }

  /// The cache format that is as exact as the weights.
  package var cacheFormat: CacheFormat {
    // Where nothing is kept beyond a step, nothing is saved by less.
    weights.areFloat32 || !spec.isCausal ? .float32 : .bfloat16
  }

  private init(
    options: LoadingOptions, cancellation: LoadCancellation = LoadCancellation(),
    open: () throws(ModelError) -> any ModelSource
  ) throws {
    var stopwatch = LoadingTimes.Stopwatch()
    let source = try open()
    let architecture = try Architectures.named(
      source.configuration, among: options.architectures)
    architectureName = source.configuration.architecture
    spec = try architecture.description(source.configuration)
    naming = architecture.naming
    modules = source.configuration.modules
    let requirements = spec.tensors
    let tensors = try source.tensors(architecture.naming, for: requirements)
    try ModelTensors(tensors).check(expected: requirements)
    try options.checkMemory(for: spec, weightBytes: ModelMemory.weightBytes(of: tensors))
    tokenizer = try Tokenizer(source.vocabulary)
    constraints = ConstraintCompiler(tokenizer: tokenizer)
    let templates = try LoadedTemplates(
      source, tokenizer: tokenizer, choice: options.chatTemplate)
    (chatTemplate, chatTemplateError) = (templates.usual, templates.error)
    toolTemplate = templates.forTools
    templateSource = templates.source
    samplingDefaults = options.sampling.completed(by: source.sampling)
    warnings = source.warnings

    let pool = Compute(
      processor: try Processor(limit: options.instructionSet),
      threads: options.threads ?? Processor.usableThreads().count
    ).pool
    var weights = ModelWeights()
    stopwatch.endHeader()
    let digest = try source.read(
      architecture.naming, for: requirements, expecting: try options.sha256.map(Self.digest),
      progress: { options.progress?(LoadingProgress(bytes: $0, totalBytes: $1)) },
      visit: { tensor, data in
        try cancellation.check()
        try stopwatch.packing { try weights.add(tensor, data: data, pool: pool) }
      })
    loadingTimes = stopwatch.finish()
    sha256 = digest.description
    self.weights = weights
    weightBytes = weights.byteCount
    parameterCount = tensors.reduce(0) { $0 + $1.elementCount }
    let names = [options.name].compactMap { $0 } + source.names
    name = names.first ?? architectureName
    aliases = Array(names.dropFirst())
  }

  /// Reads a GGUF file, or a folder of safetensors, checking everything in it, on a thread of its own.
  ///
  /// - Throws: `ModelError` when the files are not sound or not supported, `InsufficientMemory` before the
  ///   weights are read when they take more than they may, `TensorError` when memory cannot be had,
  ///   `CancellationError` before the next tensor when the task is cancelled.
  public static func load(
    path: String, options: LoadingOptions = LoadingOptions()
  ) async throws -> LoadedModel {
    let cancellation = LoadCancellation()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let thread = DedicatedThread(name: "apus-load") {
          continuation.resume(
            with: Result { try read(path: path, options: options, cancellation: cancellation) })
        }
        guard let thread else {
          let error = TensorError(
            .memory, "loading", expected: "a thread of its own", given: "none left on this system")
          return continuation.resume(throwing: error)
        }
        thread.detach()
      }
    } onCancel: {
      cancellation.cancel()
    }
  }

  /// Reads a model on the calling thread, as `load` does on another one.
  package static func read(
    path: String, options: LoadingOptions = LoadingOptions(),
    cancellation: LoadCancellation = LoadCancellation()
  ) throws -> LoadedModel {
    try LoadedModel(options: options, cancellation: cancellation) { () throws(ModelError) in
      try ModelSources.open(path: path)
    }
  }

  /// Reads a model from any source.
  package static func read(
    from source: any ModelSource, options: LoadingOptions = LoadingOptions()
  ) throws -> LoadedModel {
    try LoadedModel(options: options) { () throws(ModelError) in source }
  }

  /// Reads a GGUF file from any source of bytes.
  package static func read(
    source: any ByteSource, options: LoadingOptions = LoadingOptions()
  ) throws -> LoadedModel {
    try LoadedModel(options: options) { () throws(ModelError) in
      try GGUFSource(source)
    }
  }

  /// Reads nothing but the vocabulary of a model.
  ///
  /// - Throws: `ModelError` when the files' headers or the vocabulary are not sound.
  public static func loadTokenizer(path: String) throws(ModelError) -> Tokenizer {
    let source = try ModelSources.open(path: path)
    return try Tokenizer(source.vocabulary)
  }

  /// Turns a conversation into a request for its next message.
  ///
  /// - Parameters:
  ///   - messages: The conversation, oldest message first.
  ///   - sampling: How tokens are chosen.
  ///   - stop: When the answer ends by itself.
  ///   - now: The time that the template is told; without it, templates that ask for the date take the
  ///     one that they carry, if they carry one.
  /// - Throws: `ModelError` when the model has no usable chat template, `TemplateError` when the
  ///   template refuses the conversation.
  public func request(
    for messages: [ChatMessage], sampling: SamplingParameters = SamplingParameters(),
    stop: StopCondition = StopCondition(), now: TemplateDate? = nil
  ) throws -> GenerationRequest {
    guard let chatTemplate else {
      throw ModelError(
        .missing, field: "tokenizer.chat_template",
        chatTemplateError?.description ?? "the model has no chat template")
    }
    var options = ChatTemplate.Options()
    options.vouchedRoles = ChatMessage.usualRoles
    options.now = now
    let prompt = try chatTemplate.render(messages, options: options)
    return GenerationRequest(prompt: tokenizer.encode(prompt), sampling: sampling, stop: stop)
  }

  /// Puts a decoder together that computes with the given kernels and threads.
  ///
  /// - Parameter adapters: The adapters of this model, which rows name by their places.
  package func makeExecutor(
    capacity: DecoderCapacity, compute: Compute, adapters: [LoadedAdapter] = []
  ) throws -> any StepExecutor {
    try makeExecutor(capacity: capacity, compute: compute, store: nil, adapters: adapters)
  }

  /// Puts a decoder together whose input may be rows of a store, too, and whose rows may have adapters.
  ///
  /// - Parameter adapters: The adapters of this model, which rows name by their places.
  /// - Throws: `ModelError` for an adapter of another model, or two of one name.
  func makeExecutor(
    capacity: DecoderCapacity, compute: Compute, store: EmbeddingStore?, adapters: [LoadedAdapter]
  ) throws -> any StepExecutor {
    var names: Set<String> = []
    for adapter in adapters {
      guard adapter.model == sha256 else {
        throw ModelError(
          .invalid, field: "adapter \(adapter.name)", "it was read for another model than \(name)")
      }
      guard names.insert(adapter.name).inserted else {
        throw ModelError(.duplicate, field: "adapter \(adapter.name)", "two have this name")
      }
    }
    var weights = weights
    weights.add(adapters.map(\.updates))
    return try spec.makeExecutor(
      weights: weights, capacity: capacity, compute: compute, store: store)
  }

  /// Puts together what makes vectors and scores of pooled states.
  ///
  /// - Parameter words: The tokens whose logits make a score; none where layers do.
  func makePooledHead(words: [Int], compute: Compute) throws -> PooledHead {
    try PooledHead(spec, weights: weights, words: words, compute: compute)
  }

  private static func digest(_ text: String) throws(ModelError) -> FileDigest {
    if let digest = FileDigest(hexadecimal: text) { return digest }
    throw ModelError(.invalid, field: "sha256", "'\(text.prefix(64))' is not 64 hexadecimal digits")
  }
}
