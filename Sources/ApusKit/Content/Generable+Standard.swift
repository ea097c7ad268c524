public import FoundationEssentials

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

extension Decimal: Generable {
  public init(_ content: GeneratedContent) throws {
    // As it is written: 0.1 stays 0.1.
    let isNumber = (try? Double(content)) != nil
    guard isNumber, let number = Decimal(string: content.jsonString) else {
      throw ContentError(content, "a number")
    }
    self = number
  }

  public var generatedContent: GeneratedContent {
    Double(description).map(\.generatedContent) ?? GeneratedContent(.null)
  }

  public static var generationSchema: GenerationSchema {
    GenerationSchema(name: "Decimal", form: .number)
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
    self = []
    for element in content.elements {
      do {
        append(try Element(element))
      } catch  where !element.isComplete {
        // Too little of the last one is there yet.
        break
      }
    }
  }
}

extension Array: Generable where Element: Generable {
  public typealias PartiallyGenerated = [Element.PartiallyGenerated]

  public static var generationSchema: GenerationSchema {
    GenerationSchema(name: "Array", form: .array(of: .type(Element.self)))
  }
}

extension Optional where Wrapped: Generable {
  /// What is there of the value while it is written.
  public typealias PartiallyGenerated = Wrapped.PartiallyGenerated
}

extension Never: Generable {
  /// Refuses any content.
  public init(_ content: GeneratedContent) throws {
    throw ContentError(content, "a value of a type that has none")
  }

  public var generatedContent: GeneratedContent {
    switch self {}
  }

  public static var generationSchema: GenerationSchema {
    GenerationSchema(name: "Never", form: .choice([]))
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
