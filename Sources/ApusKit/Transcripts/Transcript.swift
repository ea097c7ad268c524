import FoundationEssentials

/// What was said in a session, from the instructions to the latest answer.
public struct Transcript: Sendable, Equatable {
  /// What was said, the oldest first.
  var entries: [Entry]

  /// Creates a transcript of entries.
  public init(entries: some Sequence<Entry> = [Entry]()) { self.entries = Array(entries) }

  /// Creates an empty transcript.
  public init() { entries = [] }

  /// Something that was said.
  public enum Entry: Sendable, Identifiable, Equatable {
    /// What the model was told before all prompts.
    case instructions(Instructions)
    /// What the model was asked.
    case prompt(Prompt)
    /// The tools that the model called.
    case toolCalls(ToolCalls)
    /// What a tool gave back.
    case toolOutput(ToolOutput)
    /// What the model answered.
    case response(Response)

    /// What tells the entry from others; no model is shown it.
    public var id: String {
      switch self {
      case .instructions(let entry): entry.id
      case .prompt(let entry): entry.id
      case .toolCalls(let entry): entry.id
      case .toolOutput(let entry): entry.id
      case .response(let entry): entry.id
      }
    }
  }

  /// A part of an entry.
  public enum Segment: Sendable, Identifiable, Equatable {
    /// Text.
    case text(TextSegment)
    /// Content that has a form.
    case structure(StructuredSegment)

    /// What tells the part from others.
    public var id: String {
      switch self {
      case .text(let segment): segment.id
      case .structure(let segment): segment.id
      }
    }

    /// The part as a model reads it.
    var text: String {
      switch self {
      case .text(let segment): segment.content
      case .structure(let segment): segment.content.jsonString
      }
    }
  }

  /// Text.
  public struct TextSegment: Sendable, Identifiable, Equatable, Codable {
    /// What tells it from others.
    public var id: String
    /// The text.
    public var content: String

    /// Takes a text.
    public init(id: String = newID(), content: String) {
      (self.id, self.content) = (id, content)
    }
  }

  /// Content that has a form.
  public struct StructuredSegment: Sendable, Identifiable, Equatable, Codable {
    /// What tells it from others.
    public var id: String
    /// The form's name.
    public var source: String
    /// The content.
    public var content: GeneratedContent

    /// The form's name.
    public var schemaName: String {
      get { source }
      set { source = newValue }
    }

    /// Takes content.
    public init(id: String = newID(), source: String, content: GeneratedContent) {
      (self.id, self.source, self.content) = (id, source, content)
    }

    /// Takes content.
    public init(id: String = newID(), schemaName: String, content: GeneratedContent) {
      self.init(id: id, source: schemaName, content: content)
    }
  }

  /// A new id.
  public static func newID() -> String { UUID().uuidString }
}

extension Transcript: RandomAccessCollection, MutableCollection, RangeReplaceableCollection {
  public var startIndex: Int { entries.startIndex }
  public var endIndex: Int { entries.endIndex }

  public subscript(index: Int) -> Entry {
    get { entries[index] }
    set { entries[index] = newValue }
  }

  public mutating func replaceSubrange<C: Collection<Entry>>(
    _ range: Range<Int>, with replacement: consuming C
  ) {
    entries.replaceSubrange(range, with: replacement)
  }
}

extension Transcript {
  /// All but the instructions at the beginning.
  public var history: ArraySlice<Entry> {
    get { entries[historyStart...] }
    set { entries.replaceSubrange(historyStart..., with: newValue) }
  }

  private var historyStart: Int {
    if case .instructions? = entries.first { 1 } else { 0 }
  }
}

extension Transcript.Entry: CustomStringConvertible {
  /// Who speaks, and what was said.
  public var description: String {
    switch self {
    case .instructions(let entry): "instructions: \(entry.segments.joinedText)"
    case .prompt(let entry): "prompt: \(entry.segments.joinedText)"
    case .toolCalls(let entry):
      "calls: " + entry.map { "\($0.toolName) \($0.arguments.jsonString)" }.joined(separator: ", ")
    case .toolOutput(let entry): "\(entry.toolName): \(entry.segments.joinedText)"
    case .response(let entry): "response: \(entry.segments.joinedText)"
    }
  }
}

extension Transcript.Segment: CustomStringConvertible {
  /// The part as a model reads it.
  public var description: String { text }
}
