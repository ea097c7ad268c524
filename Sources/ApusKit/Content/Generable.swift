/// What can be made of content that a model wrote.
public protocol ConvertibleFromGeneratedContent: SendableMetatype {
  /// Makes a value.
  ///
  /// - Throws: An error where the content is none of the type's values.
  init(_ content: GeneratedContent) throws
}

/// What can be shown to a model as content.
public protocol ConvertibleToGeneratedContent: PromptRepresentable, InstructionsRepresentable {
  /// The value as content.
  var generatedContent: GeneratedContent { get }
}

extension ConvertibleToGeneratedContent {
  /// The value as JSON.
  public var promptRepresentation: Prompt { return Prompt(text: generatedContent.jsonString) }

  /// The value as JSON.
  public var instructionsRepresentation: Instructions {
    return Instructions(text: generatedContent.jsonString)
  }
}

/// A type whose values a model can write: what it writes has the form of the type's schema.
public protocol Generable: ConvertibleFromGeneratedContent, ConvertibleToGeneratedContent {
  /// A value of which parts may be missing, because they are not written yet.
  associatedtype PartiallyGenerated: ConvertibleFromGeneratedContent = Self

  /// The form of the type's values.
  static var generationSchema: GenerationSchema { get }
}

extension Generable {
  /// The value as one of which parts may be missing.
  public func asPartiallyGenerated() -> PartiallyGenerated {
    if let same = self as? PartiallyGenerated { return same }
    do {
      return try PartiallyGenerated(generatedContent)
    } catch {
      // A whole value has all that a partial one asks for, or its type contradicts itself.
      fatalError("\(PartiallyGenerated.self) does not take the content of a \(Self.self): \(error)")
    }
  }
}

extension GeneratedContent: Generable {
  /// Takes the content as it is.
  public init(_ content: GeneratedContent) throws { self = content }

  /// The content itself.
  public var generatedContent: GeneratedContent { self }

  /// Any JSON value.
  public static var generationSchema: GenerationSchema {
    GenerationSchema(name: "GeneratedContent", form: .any)
  }
}
