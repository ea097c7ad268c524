extension Transcript {
  /// What a model was told before all prompts.
  public struct Instructions: Sendable, Identifiable, Equatable, Codable {
    /// What tells it from others.
    public var id: String
    /// What was said.
    public var segments: [Segment]
    /// The tools that there were.
    public var toolDefinitions: [ToolDefinition]

    /// Puts instructions together.
    public init(
      id: String = newID(), segments: [Segment], toolDefinitions: [ToolDefinition] = []
    ) {
      (self.id, self.segments, self.toolDefinitions) = (id, segments, toolDefinitions)
    }
  }

  /// What a model was asked.
  public struct Prompt: Sendable, Identifiable, Equatable, Codable {
    /// What tells it from others.
    public var id: String
    /// What was said.
    public var segments: [Segment]
    /// How it was to be answered.
    public var options: GenerationOptions
    /// The form of the answer; nil for text.
    public var responseFormat: ResponseFormat?
    /// What the model was shown besides.
    public var contextOptions = ContextOptions()

    /// Puts a prompt together.
    public init(
      id: String = newID(), segments: [Segment], options: GenerationOptions = GenerationOptions(),
      responseFormat: ResponseFormat? = nil
    ) {
      (self.id, self.segments, self.options) = (id, segments, options)
      self.responseFormat = responseFormat
    }
  }

  /// The form of an answer.
  public struct ResponseFormat: Sendable, Equatable, Codable {
    /// The schema.
    let schema: GenerationSchema

    /// The kinds of forms.
    public enum Kind: Sendable, Equatable {
      /// That of a schema.
      case schema(GenerationSchema)
    }

    /// What the form is.
    public var kind: Kind { .schema(schema) }

    /// The schema's name.
    public var name: String { schema.name }

    /// Takes the schema of a type.
    public init<Content: Generable>(type: Content.Type) { schema = type.generationSchema }

    /// Takes a schema.
    public init(schema: GenerationSchema) { self.schema = schema }
  }

  /// What a model answered.
  public struct Response: Sendable, Identifiable, Equatable, Codable {
    /// What tells it from others.
    public var id: String
    /// Files that the answer came from; none here.
    public var assetIDs: [String]
    /// What was said.
    public var segments: [Segment]

    /// Puts an answer together.
    public init(id: String = newID(), assetIDs: [String] = [], segments: [Segment]) {
      (self.id, self.assetIDs, self.segments) = (id, assetIDs, segments)
    }
  }

  /// The tools that a model called at a time.
  public struct ToolCalls: Sendable, Identifiable, Equatable, Codable, RandomAccessCollection {
    /// What tells them from others.
    public var id: String
    private var calls: [ToolCall]

    /// Lists calls.
    public init<S: Sequence>(id: String = newID(), _ calls: S) where S.Element == ToolCall {
      (self.id, self.calls) = (id, Array(calls))
    }

    public var startIndex: Int { calls.startIndex }
    public var endIndex: Int { calls.endIndex }
    public subscript(position: Int) -> ToolCall { calls[position] }
  }

  /// A call of a tool.
  public struct ToolCall: Sendable, Identifiable, Equatable, Codable {
    /// What tells it from others.
    public var id: String
    /// The tool.
    public var toolName: String
    /// What it was called with.
    public var arguments: GeneratedContent

    /// Describes a call.
    public init(id: String, toolName: String, arguments: GeneratedContent) {
      (self.id, self.toolName, self.arguments) = (id, toolName, arguments)
    }
  }

  /// What a tool gave back.
  public struct ToolOutput: Sendable, Identifiable, Equatable, Codable {
    /// The id of its call.
    public var id: String
    /// The tool.
    public var toolName: String
    /// What it gave back.
    public var segments: [Segment]

    /// Puts an output together.
    public init(id: String, toolName: String, segments: [Segment]) {
      (self.id, self.toolName, self.segments) = (id, toolName, segments)
    }
  }

  /// What a model is told of a tool.
  public struct ToolDefinition: Sendable, Equatable, Codable {
    /// The tool's name.
    public var name: String
    /// What it does.
    public var description: String
    /// The form of its arguments.
    public var parameters: GenerationSchema
    /// Whether the model is shown that form.
    var showsParameters = true

    /// Describes a tool.
    public init(name: String, description: String, parameters: GenerationSchema) {
      (self.name, self.description, self.parameters) = (name, description, parameters)
    }

    /// Describes a tool.
    public init(tool: some Tool) {
      self.init(name: tool.name, description: tool.description, parameters: tool.parameters)
      showsParameters = tool.includesSchemaInInstructions
    }
  }
}

extension [Transcript.Segment] {
  /// The parts as a model reads them.
  var joinedText: String { map(\.text).joined(separator: "\n") }
}
