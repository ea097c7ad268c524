/// Something that a model may ask the program to do.
public protocol Tool<Arguments, Output>: Sendable {
  /// What it gives back.
  associatedtype Output: PromptRepresentable
  /// What it is called with.
  associatedtype Arguments: ConvertibleFromGeneratedContent

  /// Its name, of letters, digits, `_` and `-`; by default the type's.
  var name: String { get }
  /// What it does, for the model.
  var description: String { get }
  /// The form of its arguments, asked for at each turn.
  var parameters: GenerationSchema { get }
  /// Whether the model is shown that form; it is kept to either way.
  var includesSchemaInInstructions: Bool { get }

  /// Does it. Calls of one turn run side by side.
  @concurrent func call(arguments: Arguments) async throws -> Output
}

extension Tool {
  public var name: String { schemaName(of: Self.self) }
  public var includesSchemaInInstructions: Bool { true }
}

extension Tool where Arguments: Generable {
  public var parameters: GenerationSchema { Arguments.generationSchema }
}

// A model writes arguments by name.
extension Tool where Arguments == String {
  @available(*, unavailable, message: "arguments have names; use a structure in place of 'String'")
  public var parameters: GenerationSchema { Arguments.generationSchema }
}

extension Tool where Arguments == Int {
  @available(*, unavailable, message: "arguments have names; use a structure in place of 'Int'")
  public var parameters: GenerationSchema { Arguments.generationSchema }
}

extension Tool where Arguments == Double {
  @available(*, unavailable, message: "arguments have names; use a structure in place of 'Double'")
  public var parameters: GenerationSchema { Arguments.generationSchema }
}

extension Tool where Arguments == Float {
  @available(*, unavailable, message: "arguments have names; use a structure in place of 'Float'")
  public var parameters: GenerationSchema { Arguments.generationSchema }
}

extension Tool where Arguments == Bool {
  @available(*, unavailable, message: "arguments have names; use a structure in place of 'Bool'")
  public var parameters: GenerationSchema { Arguments.generationSchema }
}

extension Tool {
  /// Calls the tool with what a model wrote.
  ///
  /// - Throws: `LanguageModelSession.ToolCallError` with what the tool throws.
  func output(of call: Transcript.ToolCall) async throws -> Transcript.ToolOutput {
    do {
      let output = try await self.call(arguments: Arguments(call.arguments))
      let segment: Transcript.Segment
      if let structure = output as? any Generable, !(output is String) {
        segment = .structure(
          .init(
            source: schemaName(of: type(of: structure)), content: structure.generatedContent))
      } else {
        segment = .text(.init(content: output.promptRepresentation.text))
      }
      return Transcript.ToolOutput(id: call.id, toolName: call.toolName, segments: [segment])
    } catch {
      throw LanguageModelSession.ToolCallError(tool: self, underlyingError: error)
    }
  }
}
