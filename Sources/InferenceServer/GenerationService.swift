import ChatTemplates
package import GPTModel
import JSON
package import Tokenizers

/// The interface of the model and its engine for the routes; tests implement a fake.
package protocol GenerationService: Sendable {
  /// The description of the model for clients.
  var model: ServedModel { get }
  /// The same with one of the model's adapters; nil where there is none of the name.
  func adapted(by name: String) -> (any GenerationService)?
  /// Lays a conversation out as the model was taught it.
  func render(_ messages: [ChatMessage], options: ChatTemplate.Options) throws -> [PromptSegment]
  /// Turns a prompt into tokens.
  func encode(_ prompt: [PromptSegment]) -> [Token]
  /// Turns a text into tokens.
  func encode(_ text: PlainText) -> [Token]
  /// Turns a text whose vector is wanted into tokens, with what begins and closes texts.
  func textTokens(of text: String) -> [Token]
  /// Turns a question and a text that may answer it into tokens.
  func pair(
    _ query: String, _ document: String, instruction: String?, limit: TextPairLimit
  ) -> TextPair
  /// The bytes that a token stands for.
  func bytes(of token: Token) -> [UInt8]
  /// The bytes that a token adds to a text: none for a control token.
  func textBytes(of token: Token) -> [UInt8]
  /// Makes a form of answers ready to be enforced.
  ///
  /// - Parameter text: What there is of the answer.
  /// - Returns: The form of the rest; nil where no answer of the form begins like this.
  func constraint(
    _ source: ConstraintSource, options: ConstraintOptions, after text: String
  ) async throws(ConstraintError) -> (any TokenConstraint)?
  /// How the model writes thinking and calls of tools, and wants conversations.
  var style: AnswerStyle { get }
  /// The text of a control token; nil for others.
  func controlText(of token: Token) -> String?
  /// Refuses a client's next request where even the shortest would be refused now.
  func checkRoom(for client: String) throws(EngineError)
  /// Starts a generation; dropping what it returns cancels it.
  func generate(_ request: GenerationRequest) throws(EngineError) -> GenerationEvents
  /// The engine's status, without waiting for a step.
  var status: EngineStatus { get }
  /// The engine's measures so far.
  var measures: EngineMeasures { get }
  /// Refuses new requests and returns when all that were taken have ended.
  func drain() async
  /// The same, at the latest after some time; returns how many were cut off then.
  func drain(within limit: Duration) async -> Int
}

extension GenerationService {
  package var style: AnswerStyle { AnswerStyle() }

  package func adapted(by name: String) -> (any GenerationService)? { nil }

  /// What answers requests for a model of some name: this model, or this with an adapter.
  ///
  /// - Throws: An error where neither goes by the name.
  func named(_ name: String) throws(APIError) -> any GenerationService {
    if let adapter = model.adapter(named: name), let adapted = adapted(by: adapter) {
      return adapted
    }
    try model.check(name: name)
    return self
  }

  package func drain(within limit: Duration) async -> Int {
    await drain()
    return 0
  }

  package func controlText(of token: Token) -> String? { nil }

  package func textBytes(of token: Token) -> [UInt8] { bytes(of: token) }

  package func textTokens(of text: String) -> [Token] {
    encode([PromptSegment(text, from: .content)])
  }

  package func pair(
    _ query: String, _ document: String, instruction: String?, limit: TextPairLimit
  ) -> TextPair {
    let texts = [instruction ?? "", query, document]
    return TextPair(tokens: texts.flatMap { encode([PromptSegment($0, from: .content)]) })
  }
}

/// The events of one generation; ending the iteration cancels it.
package typealias GenerationEvents = any AsyncSequence<GenerationEvent, any Error> & Sendable

/// A text that is no conversation, and how to read it.
package struct PlainText: Sendable, Hashable {
  /// The text.
  package var text: String
  /// Whether the tokens begin as the model's prompts do.
  package var addsBeginning = false
  /// Whether the names of control tokens stand for them.
  package var namesControlTokens = false

  /// Names a text to be read as it is.
  package init(_ text: String) {
    self.text = text
  }
}

/// Sizes of a model that clients may be told.
package struct ModelSizes: Sendable, Hashable {
  /// Positions that the model was made for, C.
  package var trainedContext: Int
  /// How many weights there are.
  package var parameters: Int
  /// Bytes of the weights in memory.
  package var bytes: Int
  /// Model width, W.
  package var width: Int
  /// Elements of the vector of a text.
  package var vectorWidth: Int

  /// Describes a model.
  package init(trainedContext: Int, parameters: Int, bytes: Int, width: Int) {
    self.trainedContext = trainedContext
    self.parameters = parameters
    self.bytes = bytes
    self.width = width
    vectorWidth = width
  }
}

/// The description of a model for clients.
package struct ServedModel: Sendable, Hashable {
  /// The name that clients use.
  package var name: String
  /// Other names that clients may use.
  package var aliases: [String] = []
  /// The names of the model's adapters.
  package var adapters: [String] = []
  /// The name of the model that an adapter changes; nil for a model as it is.
  package var parent: String?
  /// Whether clients may use any name at all.
  package var takesAnyName = false
  /// Changes when anything changes that could change an answer.
  package var fingerprint: String
  /// Positions a sequence may have, C.
  package var contextLength: Int
  /// Tokens in the vocabulary, V.
  package var vocabularySize: Int
  /// Further sizes, where they are known.
  package var sizes: ModelSizes?
  /// The token that stands before a new document, where there is one.
  package var documentStart: Token?
  /// The marks by which gaps in texts are filled, where the vocabulary has some.
  package var fillInMarks: FillInMarks?
  /// How tokens are chosen where a request does not say it.
  package var sampling = SamplingParameters()
  /// The name of the form in which the model writes calls of tools; nil where it writes none.
  package var callFormat: String?
  /// Whether the chat template shows tools; others are described in a message.
  package var templateShowsTools = false
  /// Whether the model may think before it answers.
  package var thinks = false
  /// The token that closes a text whose vector is wanted, where there is one.
  package var closing: Token?
  /// What the model can be asked for.
  package var tasks: Set<ModelTask> = [.generate, .embed]
  /// How the states of a text become one, unless a request says otherwise.
  package var pooling = Pooling.mean
  /// What may be put in front of texts whose vectors are wanted, by name.
  package var prompts: [String: String] = [:]
  /// The name of that which is put in front where none is named.
  package var defaultPrompt: String?
  /// When serving began, in seconds since 1970.
  package var created: Int

  /// Describes a model.
  package init(
    name: String, fingerprint: String, contextLength: Int, vocabularySize: Int, created: Int
  ) {
    self.name = name
    self.fingerprint = fingerprint
    self.contextLength = contextLength
    self.vocabularySize = vocabularySize
    self.created = created
  }

  /// The adapter that a name asks for, by itself or behind one of the model's names and a colon; nil for none.
  func adapter(named other: String) -> String? {
    adapters.first { adapter in
      other == adapter || ([name] + aliases).contains { other == "\($0):\(adapter)" }
    }
  }

  /// The same model with an adapter.
  package func adapted(by adapter: String) -> ServedModel {
    var model = self
    model.parent = name
    model.name = "\(name):\(adapter)"
    model.aliases = [adapter] + aliases.map { "\($0):\(adapter)" }
    model.adapters = []
    model.fingerprint += "_\(adapter)"
    return model
  }

  /// Throws unless a name is one of this model's.
  func check(name other: String) throws(APIError) {
    guard !takesAnyName, other != name, !aliases.contains(other) else { return }
    throw .unknownModel(other)
  }

  /// Throws where the model cannot be asked for something.
  func check(_ task: ModelTask) throws(APIError) {
    if !tasks.contains(task) { throw APIError(EngineError.taskNotSupported(task)) }
  }
}
