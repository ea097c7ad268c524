/// What is said to a model.
///
/// ```swift
/// let prompt = Prompt {
///   "Summarize this letter in one sentence."
///   letter
/// }
/// ```
public struct Prompt: Sendable {
  /// What was put together, as text.
  let text: String

  /// Takes a text as it is.
  init(text: String) { self.text = text }

  /// Takes anything that has a prompt's form.
  public init(_ content: some PromptRepresentable) { self = content.promptRepresentation }

  /// Puts a prompt together of parts, each on lines of its own.
  public init(@PromptBuilder _ content: () throws -> Prompt) rethrows { self = try content() }
}

/// What can be a part of a prompt.
public protocol PromptRepresentable {
  /// The part as a prompt.
  @PromptBuilder var promptRepresentation: Prompt { get }
}

extension Prompt: PromptRepresentable {
  /// The prompt itself.
  public var promptRepresentation: Prompt { return self }
}

extension String: PromptRepresentable {
  /// The text as it is.
  public var promptRepresentation: Prompt { return Prompt(text: self) }
}

extension Array: PromptRepresentable where Element: PromptRepresentable {
  /// The elements, each on lines of its own.
  public var promptRepresentation: Prompt {
    return Prompt(text: joinedParts(map(\.promptRepresentation.text)))
  }
}

/// Puts prompts together of their parts.
@resultBuilder public struct PromptBuilder {
  /// A part.
  public static func buildExpression<P: PromptRepresentable>(_ part: P) -> P { part }

  /// A prompt that is a part.
  public static func buildExpression(_ part: Prompt) -> Prompt { part }

  /// Parts after each other.
  public static func buildBlock<each P: PromptRepresentable>(_ parts: repeat each P) -> Prompt {
    var texts: [String] = []
    for part in repeat each parts { texts.append(part.promptRepresentation.text) }
    return Prompt(text: joinedParts(texts))
  }

  /// Parts that a loop makes.
  public static func buildArray(_ parts: [some PromptRepresentable]) -> Prompt {
    Prompt(text: joinedParts(parts.map(\.promptRepresentation.text)))
  }

  /// A part of an `if` with `else`.
  public static func buildEither(first part: some PromptRepresentable) -> Prompt { Prompt(part) }

  /// A part of an `else`.
  public static func buildEither(second part: some PromptRepresentable) -> Prompt { Prompt(part) }

  /// A part of an `if`, or nothing.
  public static func buildOptional(_ part: Prompt?) -> Prompt { part ?? Prompt(text: "") }

  /// A part that not every system has.
  public static func buildLimitedAvailability(_ part: some PromptRepresentable) -> Prompt {
    Prompt(part)
  }
}

/// Parts of a text, those left out that are empty, each on lines of its own.
func joinedParts(_ parts: [String]) -> String {
  parts.filter { !$0.isEmpty }.joined(separator: "\n")
}
