extension String: Generable {
  public init(_ content: GeneratedContent) throws {
    guard case .string(let text) = content.value else { throw ContentError(content, "a text") }
    self = text
  }

  public var generatedContent: GeneratedContent { GeneratedContent(.string(self)) }

  public static var generationSchema: GenerationSchema {
    GenerationSchema(name: "String", form: .string)
  }
}

extension Bool: Generable {
  public init(_ content: GeneratedContent) throws {
    guard case .bool(let flag) = content.value else {
      throw ContentError(content, "a truth value")
    }
    self = flag
  }

  public var generatedContent: GeneratedContent { GeneratedContent(.bool(self)) }

  public static var generationSchema: GenerationSchema {
    GenerationSchema(name: "Bool", form: .boolean)
  }
}

extension Int: Generable {
  public init(_ content: GeneratedContent) throws {
    switch content.value {
    case .integer(let integer): self = integer
    case .number(let number):
      guard let integer = Int(exactly: number) else { throw ContentError(content, "an integer") }
      self = integer
    default: throw ContentError(content, "an integer")
    }
  }

  public var generatedContent: GeneratedContent { GeneratedContent(.integer(self)) }

  public static var generationSchema: GenerationSchema {
    GenerationSchema(name: "Int", form: .integer)
  }
}

extension Double: Generable {
  public init(_ content: GeneratedContent) throws {
    switch content.value {
    case .integer(let integer): self = Double(integer)
    case .number(let number): self = number
    default: throw ContentError(content, "a number")
    }
  }

  public var generatedContent: GeneratedContent { GeneratedContent(JSONValue(exactly: self)) }

  public static var generationSchema: GenerationSchema {
    GenerationSchema(name: "Double", form: .number)
  }
}

extension Float: Generable {
  public init(_ content: GeneratedContent) throws { self = Float(try Double(content)) }

  public var generatedContent: GeneratedContent { Double(self).generatedContent }

  public static var generationSchema: GenerationSchema {
    GenerationSchema(name: "Float", form: .number)
  }
}

extension Array: ConvertibleToGeneratedContent where Element: ConvertibleToGeneratedContent {
  public var generatedContent: GeneratedContent {
    GeneratedContent(.array(map(\.generatedContent.value)))
  }
}

extension Array: ConvertibleFromGeneratedContent where Element: ConvertibleFromGeneratedContent {
  public init(_ content: GeneratedContent) throws {
    guard case .array = content.value else { throw ContentError(content, "a list") }
    self = try content.elements.map { try Element($0) }
  }
}

extension Array: Generable where Element: Generable {
  public typealias PartiallyGenerated = [Element.PartiallyGenerated]

  public static var generationSchema: GenerationSchema {
    GenerationSchema(name: "Array", form: .array(of: .type(Element.self)))
  }
}

extension Optional: PromptRepresentable where Wrapped: ConvertibleToGeneratedContent {
  public var promptRepresentation: Prompt { return Prompt(text: generatedContent.jsonString) }
}

extension Optional: InstructionsRepresentable where Wrapped: ConvertibleToGeneratedContent {
  public var instructionsRepresentation: Instructions {
    return Instructions(text: generatedContent.jsonString)
  }
}

extension Optional: ConvertibleToGeneratedContent where Wrapped: ConvertibleToGeneratedContent {
  public var generatedContent: GeneratedContent {
    self?.generatedContent ?? GeneratedContent(.null)
  }
}

extension ContentError {
  /// Says that content is no value of a type.
  init(_ content: GeneratedContent, _ wanted: String) {
    self.init("\(content.jsonString.prefix(80)) is not \(wanted)")
  }
}
