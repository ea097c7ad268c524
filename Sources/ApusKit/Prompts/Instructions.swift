/// What a model is told once, before all prompts.
public struct Instructions: Sendable {
  /// What was put together, as text.
  let text: String

  /// Takes a text as it is.
  init(text: String) { self.text = text }

  /// Takes anything that has the form of instructions.
  public init(_ content: some InstructionsRepresentable) {
    self = content.instructionsRepresentation
  }

  /// Puts instructions together of parts, each on lines of its own.
  public init(@InstructionsBuilder _ content: () throws -> Instructions) rethrows {
    self = try content()
  }
}

/// What can be a part of instructions.
public protocol InstructionsRepresentable {
  /// The part as instructions.
  @InstructionsBuilder var instructionsRepresentation: Instructions { get }
}

extension Instructions: InstructionsRepresentable {
  /// The instructions themselves.
  public var instructionsRepresentation: Instructions { return self }
}

extension String: InstructionsRepresentable {
  /// The text as it is.
  public var instructionsRepresentation: Instructions { return Instructions(text: self) }
}

extension Array: InstructionsRepresentable where Element: InstructionsRepresentable {
  /// The elements, each on lines of its own.
  public var instructionsRepresentation: Instructions {
    return Instructions(text: joinedParts(map(\.instructionsRepresentation.text)))
  }
}

/// Puts instructions together of their parts.
@resultBuilder public struct InstructionsBuilder {
  /// A part.
  public static func buildExpression<I: InstructionsRepresentable>(_ part: I) -> I { part }

  /// Instructions that are a part.
  public static func buildExpression(_ part: Instructions) -> Instructions { part }

  /// Parts after each other.
  public static func buildBlock<each I: InstructionsRepresentable>(
    _ parts: repeat each I
  ) -> Instructions {
    var texts: [String] = []
    for part in repeat each parts { texts.append(part.instructionsRepresentation.text) }
    return Instructions(text: joinedParts(texts))
  }

  /// Parts that a loop makes.
  public static func buildArray(_ parts: [some InstructionsRepresentable]) -> Instructions {
    Instructions(text: joinedParts(parts.map(\.instructionsRepresentation.text)))
  }

  /// A part of an `if` with `else`.
  public static func buildEither(first part: some InstructionsRepresentable) -> Instructions {
    Instructions(part)
  }

  /// A part of an `else`.
  public static func buildEither(second part: some InstructionsRepresentable) -> Instructions {
    Instructions(part)
  }

  /// A part of an `if`, or nothing.
  public static func buildOptional(_ part: Instructions?) -> Instructions {
    part ?? Instructions(text: "")
  }

  /// A part that not every system has.
  public static func buildLimitedAvailability(
    _ part: some InstructionsRepresentable
  ) -> Instructions {
    Instructions(part)
  }
}
